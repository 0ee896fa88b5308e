import Foundation
import SystemPackage

/// A temporary file without a name, which disappears when it is closed.
struct UnnamedFile {
    let descriptor: FileDescriptor

    /// Creates a file with some content, to be read from its start.
    init(holding bytes: [UInt8] = []) throws {
        let path = FilePath(FileManager.default.temporaryDirectory.appending(path: "propel-\(UUID().uuidString)").path)
        let file = try FileDescriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
            permissions: .ownerReadWrite)
        do {
            try FileManager.default.removeItem(atPath: path.string)
            if !bytes.isEmpty {
                try file.writeAll(bytes)
                try file.seek(offset: 0, from: .start)
            }
        } catch {
            try? file.close()
            throw error
        }
        descriptor = file
    }

    func close() { try? descriptor.close() }

    /// The whole content, independent of the position of the descriptor.
    func contents() throws -> [UInt8] {
        var contents: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try buffer.withUnsafeMutableBytes {
                try descriptor.read(fromAbsoluteOffset: Int64(contents.count), into: $0)
            }
            guard count > 0 else { return contents }
            contents += buffer[..<count]
        }
    }
}
