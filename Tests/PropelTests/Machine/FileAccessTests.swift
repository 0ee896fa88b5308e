import PropelTesting
import RecordedOperations
import Testing

@testable import Propel

/// Who may read what is private, and who could exchange what root relies on.
@Suite(.recorded) struct FileAccessTests {
    @Test func `a private file and the directories that are made for it are root's alone`() throws {
        let files = FakeMachine().files
        files.put(directory: "/var/lib")
        try files.replacePrivate("/var/lib/a/b/secret", with: [1])
        #expect(files["/var/lib/a/b/secret"]?.status.mode == 0o600)
        for made: FilePath in ["/var/lib/a", "/var/lib/a/b"] { #expect(files[made]?.status.mode == 0o700) }
        #expect(files["/var/lib"]?.status.mode == 0o755)
    }

    @Test(arguments: ["/srv/a/b", "/srv/a", "/srv"] as [FilePath])
    func `a directory that a group or others may write to is named, wherever it is above`(_ open: FilePath) throws {
        let files = FakeMachine().files, file: FilePath = "/srv/a/b/file"
        for mode: ModeBits in 0o700...0o777 {
            for sticky: ModeBits in [0, 0o1000] {
                files.put(directory: "/srv/a/b")
                files.put(directory: open, mode: mode | sticky)
                let isShared = mode & 0o020 != 0 || mode & 0o002 != 0
                let found = try files.directoryWritableByOthers(above: file)
                #expect(found == (isShared ? open : nil), "\(octal(mode | sticky))")
                let other = try files.directoryWritableByOthers(above: file, allowingSticky: true)
                #expect(other == (isShared && sticky == 0 ? open : nil), "\(octal(mode | sticky))")
            }
        }
    }

    @Test(arguments: ["/srv/a/b", "/srv/a", "/srv"] as [FilePath])
    func `a directory of somebody else is named, wherever it is above`(_ other: FilePath) throws {
        let files = FakeMachine().files
        files.put(directory: "/srv/a/b")
        #expect(try files.directoryWritableByOthers(above: "/srv/a/b/file") == nil)
        files.put(directory: other, owner: Owner(user: 1000, group: 0))
        #expect(try files.directoryWritableByOthers(above: "/srv/a/b/file", allowingSticky: true) == other)
    }
}
