import Foundation

/// A folder on a disk of its own, of which can be told what a power cut would leave there.
///
/// The disk is a file. What nobody has waited for is in the memory of the kernel only, and not in a copy of that file.
struct FragileDisk {
    private let folder: URL
    var root: URL { folder.appending(path: "disk") }

    /// Lends the disk to `body`, and takes it away again.
    static func with(_ body: (FragileDisk) async throws -> Void) async throws {
        let disk = FragileDisk(
            folder: FileManager.default.temporaryDirectory.appending(path: "propel-disk-\(UUID().uuidString)"))
        try FileManager.default.createDirectory(at: disk.root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: disk.folder) }
        let image = disk.folder.appending(path: "image").path
        _ = try await Configuration.run("truncate", ["--size=256M", image])
        _ = try await Configuration.run("mkfs.ext4", ["-q", image])
        // The kernel writes nothing by itself meanwhile.
        try await disk.with(image, at: disk.root, options: "loop,commit=300") { try await body(disk) }
    }

    /// Calls `body` with the folder as it would be found if the power went now.
    func afterPowerCut(_ body: (URL) async throws -> Void) async throws {
        let image = folder.appending(path: "left").path, place = folder.appending(path: "after")
        _ = try await Configuration.run("cp", ["--sparse=always", folder.appending(path: "image").path, image])
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try await with(image, at: place, options: "loop") { try await body(place) }
    }

    private func with(_ image: String, at place: URL, options: String, _ body: () async throws -> Void) async throws {
        _ = try await Configuration.run("mount", ["-t", "ext4", "-o", options, image, place.path])
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        _ = try await Configuration.run("umount", ["--lazy", place.path])
        try result.get()
    }
}
