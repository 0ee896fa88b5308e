import Foundation
import Propel
import PropelTesting
import Testing

@Suite struct LocalFileSystemTests {
    let files = LocalFileSystem()
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String) -> FilePath { directory.path.appending(name) }
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    // MARK: Replacing

    @Test func `a replaced file has its content, mode and owner`() throws {
        try files.replace(path("a"), with: bytes("new"), mode: 0o640, owner: Owner(user: 12, group: 34))
        let status = try #require(try files.status(of: path("a")))
        #expect(try files.text(path("a")) == "new")
        #expect(
            status.kind == .file && status.mode == 0o640 && status.owner == Owner(user: 12, group: 34)
                && status.size == 3)
        #expect(try files.list(directory.path) == ["a"])
    }

    // The usual umask of 022 would clear bits of the first two.
    @Test(arguments: [0o777, 0o666, 0o4755, 0o2755, 0o600, 0o400, 0o000]) func `modes do not depend on the umask`(
        mode: ModeBits
    ) throws {
        try files.replace(path("a"), with: [1], mode: mode, owner: Owner(user: 1, group: 1))
        try files.createDirectory(path("d"), mode: mode, owner: Owner(user: 1, group: 1))
        #expect(try files.status(of: path("a"))?.mode == mode)
        #expect(try files.status(of: path("d"))?.mode == mode)
    }

    @Test func `a staged file is private before it has content`() throws {
        let staged = try files.stage(bytes("secret"), for: path("a"), mode: 0o600, owner: .root)
        #expect(try files.status(of: staged)?.mode == 0o600)
        #expect(try files.status(of: path("a")) == nil)
        files.discard(staged)
        #expect(try files.list(directory.path) == [])
    }

    @Test func `a reader sees the old content or the new`() async throws {
        let file = path("a")
        let contents = [String(repeating: "old", count: 100_000), String(repeating: "new!", count: 100_000)]
        try files.replace(file, with: bytes(contents[0]), mode: 0o644)
        let done = Recorder()
        try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { [contents] in
                var torn = 0
                while done.words.isEmpty {
                    if !contents.contains(try LocalFileSystem().text(file)) { torn += 1 }
                    await Task.yield()
                }
                return torn
            }
            for round in 0..<30 { try files.replace(file, with: bytes(contents[round % 2]), mode: 0o644) }
            done.add("writing")
            for try await torn in group { #expect(torn == 0) }
        }
    }

    @Test func `the staged file of a killed run is replaced by the next`() throws {
        // Killed between its stage and its commit.
        _ = try files.stage(bytes("half"), for: path("a"), mode: 0o600, owner: .root)
        #expect(try files.list(directory.path) == [".a.propel"])
        try files.replace(path("a"), with: bytes("whole"), mode: 0o644)
        #expect(try files.list(directory.path) == ["a"])
        #expect(try files.text(path("a")) == "whole")
    }

    @Test func `a link planted at the staging path is not written through`() throws {
        try files.replace(path("victim"), with: bytes("untouched"), mode: 0o600)
        try files.createLink(path(".a.propel"), to: path("victim").string)
        try files.replace(path("a"), with: bytes("new"), mode: 0o644)
        #expect(try files.text(path("victim")) == "untouched")
        #expect(try files.text(path("a")) == "new")
    }

    @Test func `a full disk leaves the old file and nothing else`() async throws {
        let mount = path("small")
        try files.createDirectory(mount, mode: 0o755, owner: .root)
        let commands = LocalCommands()
        let mounted = try await commands.run(
            Invocation("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount.string]))
        try #require(mounted.succeeded, "\(String(decoding: mounted.errors, as: UTF8.self))")
        let outcome = Result {
            let file = mount.appending("a")
            try files.replace(file, with: bytes("old"), mode: 0o644)
            let error = #expect(throws: FileError.self) {
                try files.replace(file, with: [UInt8](repeating: 1, count: 200_000), mode: 0o644)
            }
            #expect(error == FileError("write", file, .noSpace))
            #expect(try files.text(file) == "old")
            #expect(try files.list(mount) == ["a"])
        }
        let unmounted = try await commands.run(Invocation("umount", [mount.string]))
        #expect(unmounted.succeeded)
        try outcome.get()
    }

    @Test func `a missing directory is an error that names the file`() {
        let error = #expect(throws: FileError.self) { try files.replace(path("no/such/a"), with: [], mode: 0o644) }
        #expect(error == FileError("write", path("no/such/a"), .noSuchFileOrDirectory))
    }

    @Test func `a directory is not replaced by a file`() throws {
        try files.createDirectory(path("d"), mode: 0o755, owner: .root)
        #expect(throws: FileError("replace", path("d"), .isDirectory)) {
            try files.replace(path("d"), with: [], mode: 0o644)
        }
        #expect(try files.list(directory.path) == ["d"])
    }

    // MARK: Links

    @Test func `a link in the last component is never followed`() throws {
        try files.replace(path("victim"), with: bytes("untouched"), mode: 0o600)
        try files.createLink(path("link"), to: "victim")
        #expect(throws: FileError("read", path("link"), .tooManySymbolicLinkLevels)) { try files.read(path("link")) }
        #expect(throws: FileError("replace", path("link"), .tooManySymbolicLinkLevels)) {
            try files.replace(path("link"), with: bytes("new"), mode: 0o644)
        }
        #expect(throws: FileError("set the mode of", path("link"), .tooManySymbolicLinkLevels)) {
            try files.setMode(0o777, of: path("link"))
        }
        try files.setOwner(Owner(user: 5, group: 5), of: path("link"))
        #expect(try files.status(of: path("victim"))?.owner == .root)
        #expect(try files.status(of: path("link"))?.kind == .link)
        #expect(try files.destination(ofLink: path("link")) == "victim")
        #expect(try files.list(directory.path) == ["link", "victim"])
    }

    @Test func `a link to a directory is not listed`() throws {
        try files.createLink(path("link"), to: "/etc")
        #expect(throws: FileError.self) { try files.list(path("link")) }
    }

    @Test func `a link of root on the way is followed`() throws {
        try files.createDirectory(path("real"), mode: 0o755, owner: .root)
        try files.createLink(path("relative"), to: "./real/../real")
        try files.createLink(path("absolute"), to: path("relative").string)
        try files.replace(path("absolute/a"), with: bytes("x"), mode: 0o644)
        #expect(try files.text(path("real/a")) == "x")
        #expect(try files.text(path("relative/../real/a")) == "x")
    }

    @Test func `a link of another user on the way is refused`() throws {
        try files.createDirectory(path("root"), mode: 0o700, owner: .root)
        try files.createDirectory(path("home"), mode: 0o755, owner: Owner(user: 1000, group: 1000))
        try files.createLink(path("home/.ssh"), to: path("root").string)
        try files.setOwner(Owner(user: 1000, group: 1000), of: path("home/.ssh"))
        #expect(throws: FileError("write", path("home/.ssh"), .tooManySymbolicLinkLevels)) {
            try files.replace(path("home/.ssh/authorized_keys"), with: bytes("key"), mode: 0o600)
        }
        #expect(throws: FileError.self) { try files.read(path("home/.ssh/authorized_keys")) }
        #expect(throws: FileError.self) { try files.remove(path("home/.ssh/authorized_keys")) }
        #expect(try files.list(path("root")) == [])
    }

    @Test func `a cycle of links is an error`() throws {
        try files.createLink(path("a"), to: "b")
        try files.createLink(path("b"), to: "a")
        #expect(throws: FileError.self) { try files.read(path("a/file")) }
    }

    @Test func `a link replaces a link and nothing else`() throws {
        try files.createLink(path("link"), to: "one")
        try files.createLink(path("link"), to: "two")
        #expect(try files.destination(ofLink: path("link")) == "two")
        try files.replace(path("file"), with: bytes("kept"), mode: 0o644)
        #expect(throws: FileError("make the link", path("file"), .fileExists)) {
            try files.createLink(path("file"), to: "two")
        }
        #expect(try files.text(path("file")) == "kept")
        #expect(try files.list(directory.path) == ["file", "link"])
    }

    // MARK: Looking

    @Test func `a FIFO does not block the reader`() throws {
        #expect(mkfifo(path("pipe").string, 0o600) == 0)
        #expect(throws: FileError("read", path("pipe"), .invalidArgument)) { try files.read(path("pipe")) }
        #expect(try files.status(of: path("pipe"))?.kind == .other)
    }

    @Test func `files in proc, which have no size, are read`() throws {
        #expect(try files.text("/proc/self/status").contains("Name:"))
        #expect(try files.status(of: "/proc/self/status")?.size == 0)
        #expect(try files.read("/proc/cpuinfo", first: 9) == bytes("processor"))
    }

    @Test func `a file is read to its end or to a count`() throws {
        let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        try files.replace(path("a"), with: content, mode: 0o644)
        #expect(try files.read(path("a")) == content)
        #expect(try files.read(path("a"), first: 70_000) == Array(content.prefix(70_000)))
        #expect(try files.read(path("a"), first: 0) == [])
    }

    @Test func `the status of a missing file is nil`() throws {
        try files.replace(path("a"), with: [], mode: 0o644)
        #expect(try files.status(of: path("none")) == nil)
        #expect(try files.status(of: path("no/such")) == nil)
        #expect(try files.status(of: path("a/b")) == nil)
        #expect(try files.readIfPresent(path("none")) == nil)
        #expect(throws: FileError("read", path("none"), .noSuchFileOrDirectory)) { try files.read(path("none")) }
    }

    @Test func `a directory cannot be read as a file`() throws {
        #expect(throws: FileError("read", directory.path, .isDirectory)) { try files.read(directory.path) }
        #expect(try files.status(of: "/")?.kind == .directory)
        #expect(try files.list("/").contains("etc"))
    }

    @Test func `names that are not UTF-8 are listed`() throws {
        let name: [CChar] =
            Array(directory.path.string.utf8CString.dropLast()) + [
                0x2F, CChar(bitPattern: 0xFF), CChar(bitPattern: 0xC3), 0,
            ]
        let descriptor = open(name, O_CREAT | O_WRONLY, 0o600)
        #expect(descriptor >= 0)
        close(descriptor)
        try files.replace(path("a"), with: [], mode: 0o600)
        #expect(try files.list(directory.path).count == 2)
    }

    @Test(arguments: ["a", "./a", "../a", ""]) func `a relative path is refused`(name: String) {
        let path = FilePath(name)
        func refuses(_ operation: String, _ body: () throws -> Void) {
            #expect(throws: FileError(operation, path, .invalidArgument), performing: body)
        }
        refuses("look at") { _ = try files.status(of: path) }
        refuses("read") { _ = try files.read(path) }
        refuses("list") { _ = try files.list(path) }
        refuses("read the link") { _ = try files.destination(ofLink: path) }
        refuses("write") { _ = try files.stage([], for: path, mode: 0o600, owner: .root) }
        refuses("make the directory") { try files.createDirectory(path, mode: 0o700, owner: .root) }
        refuses("set the mode of") { try files.setMode(0o600, of: path) }
        refuses("set the owner of") { try files.setOwner(.root, of: path) }
        refuses("remove") { try files.remove(path) }
    }

    // MARK: Directories and removing

    @Test func `missing directories are created`() throws {
        try files.createDirectories(path("a/b/c"), mode: 0o750, owner: Owner(user: 7, group: 8))
        for name in ["a", "a/b", "a/b/c"] {
            let status = try files.status(of: path(name))
            #expect(status?.mode == 0o750 && status?.owner == Owner(user: 7, group: 8) && status?.kind == .directory)
        }
        try files.createDirectories(path("a/b/c"), mode: 0o700)
        #expect(try files.status(of: path("a/b/c"))?.mode == 0o750)
    }

    @Test func `a file in the place of a parent directory is an error`() throws {
        try files.replace(path("a"), with: [], mode: 0o600)
        #expect(throws: FileError.self) { try files.createDirectories(path("a/b"), mode: 0o700) }
        #expect(throws: FileError("make the directory", path("a"), .notDirectory)) {
            try files.createDirectories(path("a"), mode: 0o700)
        }
    }

    @Test func `files, links and empty directories are removed`() throws {
        try files.replace(path("file"), with: [], mode: 0o600)
        try files.createLink(path("link"), to: "file")
        try files.createDirectory(path("directory"), mode: 0o700, owner: .root)
        for name in ["link", "directory", "file", "none", "no/such"] { try files.remove(path(name)) }
        #expect(try files.list(directory.path) == [])
    }

    @Test func `a directory that is not empty is not removed`() throws {
        try files.createDirectories(path("a/b"), mode: 0o700)
        #expect(throws: FileError("remove", path("a"), .directoryNotEmpty)) { try files.remove(path("a")) }
        #expect(try files.list(path("a")) == ["b"])
    }

    @Test func `descriptors are closed`() throws {
        for _ in 0..<200 {
            try files.replace(path("a"), with: [1], mode: 0o600)
            _ = try? files.read(path("a/b/c"))
            _ = try files.status(of: path("a"))
            _ = try files.list(directory.path)
            try files.setMode(0o644, of: path("a"))
        }
        // Parallel tests have other files open, and at most some of the directories above for a moment.
        let open = try files.list("/proc/self/fd").compactMap { try? files.destination(ofLink: "/proc/self/fd/\($0)") }
            .map { FilePath($0) }
        #expect(open.filter { $0.starts(with: directory.path) } == [])
        #expect(open.count { directory.path.starts(with: $0) } < 150)
    }
}
