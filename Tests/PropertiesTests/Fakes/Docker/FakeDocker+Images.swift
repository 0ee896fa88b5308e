import PropelTesting

@testable import Properties

extension FakeDocker.State {
    /// The ID of the image with a name; nil if there is no such image.
    func id(of name: String) -> String? {
        let id =
            images[name]
            ?? (name.hasPrefix("propel.localhost/") ? nil : name.hasPrefix("sha256:") ? name : "sha256:\(name)")
        return id.flatMap { removedImages.contains($0) ? nil : $0 }
    }

    /// Executes a command about images.
    mutating func image(_ words: [String]) -> CommandResult {
        if let answer = storedImages(words) { return answer }
        switch words.first {
        case "inspect":
            let names = words.drop { $0 != "--" }.dropFirst()
            let found = names.compactMap { id(of: $0) }.map { id in
                "\"\(id)\" \(labels[id].map { "\(JSON.object($0.mapValues(JSON.string)))" } ?? "null")\n"
            }
            let missing = names.filter { id(of: $0) == nil }
            return CommandResult(
                ending: .exited(missing.isEmpty ? 0 : 1), output: Array(found.joined().utf8),
                errors: Array(missing.map { "Error: No such image: \($0)\n" }.joined().utf8))
        case "tag":
            guard let id = id(of: words[1]) else { return .failing(1, "Error: No such image: \(words[1])\n") }
            images[words[2]] = id
            return .printing()
        case "ls":
            return .printing(
                images.keys.filter { $0.hasPrefix("propel.localhost/") }.sorted().map { "\($0)\n" }.joined())
        case "rm":
            for name in words.dropFirst(2) { images[name] = nil }
            return .printing()
        default: return .failing(1, "unknown command")
        }
    }
}
