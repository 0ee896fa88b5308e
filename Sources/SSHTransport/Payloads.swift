import BinaryPatch
import Foundation

/// The contents of uploads. They take seconds to make, and the runs of a fleet need the same at once, so they are made
/// once for all connections of this process.
actor Payloads {
    static let shared = Payloads()

    private struct Key: Hashable {
        var enforcer, base: String
        var compression: Compression?
    }

    private var tasks: [Key: Task<Payload, any Error>] = [:]

    /// The whole file.
    /// - Parameter remake: whether to read and compress it again, since what was sent before arrived damaged.
    func whole(_ enforcer: Enforcer, _ compression: Compression?, remake: Bool) async throws -> Payload {
        try await result(Key(enforcer: enforcer.sha256, base: "", compression: compression), remake: remake) {
            guard let compression else { return Payload(try Data(reading: enforcer.file), compression: nil) }
            let data = try await CompressedFile.of(enforcer.file, with: compression, remake: remake)
            return Payload(data, compression: compression)
        }
    }

    /// The compressed patch that makes an enforcer from another.
    func patch(_ base: Enforcer, _ enforcer: Enforcer, _ compression: Compression) async throws -> Payload {
        try await result(Key(enforcer: enforcer.sha256, base: base.sha256, compression: compression)) {
            let old = try Data(reading: base.file), new = try Data(reading: enforcer.file)
            let patch = try old.withUnsafeBytes { old in try new.withUnsafeBytes { try Patch.make(from: old, to: $0) } }
            return Payload(try await compression.compress(patch), compression: compression, base: base.sha256)
        }
    }

    private func result(
        _ key: Key, remake: Bool = false, _ make: @escaping @Sendable () async throws -> Payload
    ) async throws -> Payload {
        let present = remake ? nil : tasks[key]
        let task = present ?? Task.detached { try await make() }
        tasks[key] = task
        do {
            return try await task.value
        } catch {
            tasks[key] = nil
            throw error
        }
    }
}
