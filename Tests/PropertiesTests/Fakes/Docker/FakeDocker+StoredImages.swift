import PropelTesting

@testable import Properties

extension FakeDocker {
    /// An image as docker describes it, for what looks at all of them.
    struct StoredImage: Equatable, Sendable {
        var id: String
        var tags: [String] = []
        var digests: [String] = []
        var created = "0001-01-01T00:00:00Z"
        var tagged = "0001-01-01T00:00:00Z"
        var size = 100 << 20
        var layers: [String] = []

        fileprivate func has(_ name: String) -> Bool { name == id || tags.contains(name) || digests.contains(name) }

        fileprivate var description: String {
            let fields: JSON = [
                .string(id), .array(tags.map(JSON.string)), .array(digests.map(JSON.string)), .string(created),
                .string(tagged), .integer(size), .array(layers.map(JSON.string)),
            ]
            return "\(fields)"
        }
    }

    /// The tags of the images, or the digests of those without.
    var storedNames: [String] {
        state.withLock { $0.stored }.flatMap { $0.tags.isEmpty ? $0.digests : $0.tags }.sorted()
    }
}

extension FakeDocker.State {
    /// Executes a command about all images; nil if it is another one.
    mutating func storedImages(_ words: [String]) -> CommandResult? {
        let names = Array(words.drop { $0 != "--" }.dropFirst())
        switch words.first {
        case "ls" where words.contains("--quiet"):
            // One line for each name.
            return .printing(
                stored.flatMap { Array(repeating: "\($0.id)\n", count: max(1, $0.tags.count)) }.joined())
        case "inspect" where words.contains { $0.hasPrefix("[{{json .Id}}") }: return describe(names, \.description)
        case "inspect" where words.contains("{{.Id}}"): return describe(names, \.id)
        case "rm" where names.contains { name in stored.contains { $0.has(name) } }:
            for name in names { if let refusal = remove(name) { return refusal } }
            return .printing()
        default: return nil
        }
    }

    private func describe(_ names: [String], _ text: (FakeDocker.StoredImage) -> String) -> CommandResult {
        let found = names.compactMap { name in stored.first { $0.has(name) } }
        let missing = names.filter { name in !stored.contains { $0.has(name) } }
        return CommandResult(
            ending: .exited(missing.isEmpty ? 0 : 1), output: Array(found.map { text($0) + "\n" }.joined().utf8),
            errors: Array(missing.map { "Error response from daemon: No such image: \($0)\n" }.joined().utf8))
    }

    /// Removes a name, and the image with its last one.
    private mutating func remove(_ name: String) -> CommandResult? {
        guard let index = stored.firstIndex(where: { $0.has(name) }) else {
            return .failing(1, "Error response from daemon: No such image: \(name)\n")
        }
        var one = stored[index]
        if name == one.id, one.tags.count + one.digests.count > 1 {
            return .failing(1, "conflict: unable to delete \(name) (must be forced)\n")
        }
        if name == one.id { one.tags = [] }
        one.tags.removeAll { $0 == name }
        let (id, tags) = (one.id, one.tags)
        one.digests.removeAll { digest in
            let repository = Properties.StoredImage.repository(of: digest)
            return digest == name || name == id
                || repository == Properties.StoredImage.repository(of: name)
                    && !tags.contains { Properties.StoredImage.repository(of: $0) == repository }
        }
        guard one.tags.isEmpty, one.digests.isEmpty else {
            stored[index] = one
            return nil
        }
        if containers.values.contains(where: { $0.imageID == one.id }) {
            return .failing(1, "conflict: unable to remove repository reference \"\(name)\" (must force)\n")
        }
        stored.remove(at: index)
        return nil
    }
}
