import Foundation

/// A package of its own with one source, in a folder that goes with it.
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

    func write(_ text: String, _ name: String) throws {
        try text.write(to: root.appending(path: name), atomically: true, encoding: .utf8)
    }
}
