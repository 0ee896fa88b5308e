import Foundation
import PropelTesting
import Testing

@testable import Propel

/// Files of any size are compared, copied and hashed in pieces.
@Suite struct LargeFileTests {
    private let directory: TemporaryDirectory
    private let files = LocalFileSystem()
    private var path: FilePath { directory.path.appending("large") }
    private var copy: FilePath { directory.path.appending("copy") }

    init() throws { directory = try TemporaryDirectory() }

    private static let sizes = [0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 700_000]

    private func bytes(_ size: Int) -> [UInt8] {
        Array(
            Data((0..<(size / 4 + 1)).flatMap { number in withUnsafeBytes(of: UInt32(number), Array.init) }).prefix(
                size))
    }

    @Test(arguments: sizes) func `a file is compared with bytes`(size: Int) throws {
        let content = bytes(size)
        try files.replace(path, with: content, mode: 0o640)
        let (isSame, status) = try files.compare(path, with: content)
        #expect(isSame)
        #expect(try status == files.status(of: path))
        #expect(try !files.compare(path, with: content + [0]).isSame)
        for index in Set([0, size / 2, size - 1]) where content.indices.contains(index) {
            var other = content
            other[index] ^= 1
            #expect(try !files.compare(path, with: other).isSame)
        }
        if size > 0 { #expect(try !files.compare(path, with: content.dropLast()).isSame) }
    }

    @Test(arguments: sizes) func `a file is copied and hashed`(size: Int) throws {
        let content = bytes(size)
        try files.replace(path, with: content, mode: 0o600)
        try files.replace(copy, withCopyOf: path, mode: 0o640)
        #expect(try files.read(copy) == content)
        #expect(try files.status(of: copy)?.mode == 0o640)
        #expect(try files.hash(of: path) == SHA256.hash(content))
        #expect(try files.list(directory.path) == ["copy", "large"])
    }

    /// A local user can make one that is larger than the disk.
    @Test func `a copy of a sparse file is sparse`() throws {
        try files.replace(path, with: Array("start".utf8), mode: 0o600)
        #expect(truncate(path.string, 200 << 20) == 0)
        try files.replace(copy, withCopyOf: path, mode: 0o600)
        var status = stat()
        #expect(stat(copy.string, &status) == 0)
        #expect(status.st_size == 200 << 20)
        #expect(status.st_blocks * 512 < 4 << 20)
        #expect(try files.read(copy, first: 5) == Array("start".utf8))
    }

    @Test func `a huge file is an error, and nothing is left of it`() throws {
        try files.replace(path, with: [], mode: 0o600)
        #expect(truncate(path.string, 4 << 40) == 0)
        #expect(throws: FileError("copy", path, .fileTooLarge)) {
            try files.replace(copy, withCopyOf: path, mode: 0o600)
        }
        #expect(throws: FileError("read", path, .fileTooLarge)) { try files.hash(of: path) }
        #expect(try !files.compare(path, with: [1]).isSame)
        #expect(try files.list(directory.path) == ["large"])
    }

    @Test func `a link, a directory and a FIFO are errors`() throws {
        try files.createLink(path, to: "/etc/passwd")
        #expect(throws: FileError.self) { try files.compare(path, with: []) }
        #expect(throws: FileError.self) { try files.replace(copy, withCopyOf: path, mode: 0o600) }
        #expect(throws: FileError.self) { try files.hash(of: path) }
        #expect(throws: FileError("read", directory.path, .isDirectory)) { try files.hash(of: directory.path) }
        let queue = directory.path.appending("queue")
        #expect(mkfifo(queue.string, 0o600) == 0)
        #expect(throws: FileError("read", queue, .invalidArgument)) { try files.compare(queue, with: []) }
    }

    /// Measured in another process, since the tests here run side by side.
    @Test func `a file beyond the limit of reading takes a constant amount of memory`() async throws {
        let result = try #require(
            await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
                let directory = try TemporaryDirectory(), files = LocalFileSystem()
                let path = directory.path.appending("large")
                let content = [UInt8](repeating: 7, count: 80_000_000)
                let before = PeakMemory.megabytes
                try files.replace(path, with: content, mode: 0o600)
                let isSame = try files.compare(path, with: content).isSame
                let originals = Originals(files: files, directory: directory.path.appending("originals"))
                try originals.keep(path)
                try files.replace(path, with: [], mode: 0o600)
                try originals.restore(path)
                print("same:", try isSame && files.compare(path, with: content).isSame)
                print("copied:", !(Content(content).bytes?.isEmpty ?? true))
                print("constant:", PeakMemory.megabytes - before < 40)
            })
        let output = String(decoding: result.standardOutputContent, as: UTF8.self)
        #expect(output.contains("same: true"), "\(output)")
        #expect(output.contains("copied: true"), "\(output)")
        #expect(output.contains("constant: true"), "\(output)")
    }
}
