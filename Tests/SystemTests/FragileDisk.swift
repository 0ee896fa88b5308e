import Foundation

/// A folder on a separate disk that shows what a power failure would leave.
///
/// The disk is a file. Data that was not synced is only in the memory of the kernel, and not in a copy of that file.
struct FragileDisk {
    private let folder: URL
    var root: URL { folder.appending(path: "disk") }

    /// Calls `body` with a disk, and removes it afterwards.
    static func with(_ body: (FragileDisk) async throws -> Void) async throws {
        let disk = FragileDisk(
            folder: FileManager.default.temporaryDirectory.appending(path: "propel-disk-\(UUID().uuidString)"))
        try FileManager.default.createDirectory(at: disk.root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: disk.folder) }
        let image = disk.folder.appending(path: "image").path
        _ = try await Configuration.run("truncate", ["--size=256M", image])
        _ = try await Configuration.run("mkfs.ext4", ["-q", image])
        // Keeps the kernel from writing by itself.
        try await disk.with(image, at: disk.root, options: "loop,commit=300") { try await body(disk) }
    }

    /// Calls `body` with the folder as a power failure would leave it now.
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
