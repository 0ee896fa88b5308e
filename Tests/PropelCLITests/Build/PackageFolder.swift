import Foundation

/// A package with one source in a temporary folder, which is removed with this value.
final class PackageFolder: Sendable {
    let root = FileManager.default.temporaryDirectory.appending(path: "package-\(UUID().uuidString)")

    init() throws {
        for folder in ["Sources/Hosts", ".build"] {
            try FileManager.default.createDirectory(at: root.appending(path: folder), withIntermediateDirectories: true)
        }
        try write("// package", "Package.swift")
        try write("// fleet", "Sources/Hosts/Fleet.swift")
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// Creates folders.
    func make(_ folders: String...) throws {
        for folder in folders {
            try FileManager.default.createDirectory(at: root.appending(path: folder), withIntermediateDirectories: true)
        }
    }

    func write(_ text: String, _ name: String) throws {
        try text.write(to: root.appending(path: name), atomically: true, encoding: .utf8)
    }
}
