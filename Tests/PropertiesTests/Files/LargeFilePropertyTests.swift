import Foundation
import Properties
import PropelTesting
import Testing

/// A `File` on a real file system, with content or with a present file that is large.
@Suite struct LargeFilePropertyTests {
    private let folder: URL
    private let machine: Machine

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "propel-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        machine = Machine(files: LocalFileSystem(), commands: FakeCommands())
    }

    private func path(_ name: String) -> FilePath { FilePath(folder.appending(path: name).path) }

    @Test func `a declared content may be larger than what is read as a whole`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        var bytes = [UInt8](repeating: 7, count: FileStatus.readLimit + 1)
        let place = path("large")
        try LocalFileSystem().replace(place, with: bytes, mode: 0o644)
        #expect(try await File(place, bytes: bytes).check(on: machine) == .satisfied)
        bytes[bytes.count - 1] = 8
        #expect(try await File(place, bytes: bytes).check(on: machine) == .unmet("other content"))
    }

    @Test func `a large file in the place of a small one is other content`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = path("small")
        try LocalFileSystem().replace(place, with: [], mode: 0o644)
        #expect(truncate(place.string, off_t(FileStatus.readLimit) + 1) == 0)
        #expect(try await File(place, "small").check(on: machine) == .unmet("other content"))
    }

    /// The present file is kept before it is replaced, so it must not be larger than the disk.
    @Test func `a huge file is refused by name, already by the plan`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = path("huge")
        try LocalFileSystem().replace(place, with: [], mode: 0o644)
        #expect(truncate(place.string, 4 << 40) == 0)
        let error = await #expect(throws: FileError.self) { try await File(place, "small").check(on: machine) }
        #expect(error == FileError("copy", place, .fileTooLarge))
        let failure = try Failure(describing: #require(error))
        #expect(failure.message.contains(place.string))
        #expect(failure.advice?.contains("1024 MiB") == true)
    }
}
