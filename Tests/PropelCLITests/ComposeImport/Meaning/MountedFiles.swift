import Foundation
import Propel

@testable import Properties

/// The files that a compose file mounts, by their paths on the machine.
struct MountedFiles {
    struct File: CustomStringConvertible {
        var bytes: [UInt8]
        var mode: Int
        var owner: UInt32 = 0

        var description: String {
            "file \(SHA256.hash(bytes).prefix(12)), mode \(String(mode, radix: 8)), owner \(owner),"
        }
    }

    private var files: [String: File] = [:]

    /// The files of a folder, as they are in a directory of the machine.
    init(of folder: URL, in directory: String) throws {
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
            let path = folder.appending(path: name).path
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue else {
                continue
            }
            let data = try Data(contentsOf: URL(filePath: path))
            let isExecutable = FileManager.default.isExecutableFile(atPath: path)
            files["\(directory)/\(name)"] = File(bytes: Array(data), mode: isExecutable ? 0o755 : 0o644)
        }
    }

    /// The files that Propel puts in place for a stack.
    init(of stack: Stack, on machine: Machine) async throws {
        for container in stack.containers {
            for file in container.files {
                let bytes = try await file.content.withBytes(on: machine) { $0 }
                files[stack.path(of: file, in: container).string] = File(
                    bytes: bytes, mode: Int(file.mode.bits), owner: file.owner)
            }
        }
    }

    /// The files at a path and below it, by their paths from there on: one with the path "" is the path itself.
    func below(_ path: String) -> [String: File] {
        if let file = files[path] { return ["": file] }
        return files.reduce(into: [:]) { below, entry in
            if entry.key.hasPrefix(path + "/") { below[String(entry.key.dropFirst(path.count + 1))] = entry.value }
        }
    }
}
