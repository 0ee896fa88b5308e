@testable import PropelCLI
@testable import Properties

extension ComposeMeaning {
    static func quoted(_ words: [String]) -> String { words.map { "“\($0)”" }.joined(separator: " ") }

    static func words(_ value: ComposeValue) -> [String] {
        value.list == nil ? CommandLineWords.split(value.string ?? "").words : value.strings
    }

    static func tagged(_ image: String) -> String {
        image.split(separator: "/").last?.contains(":") == true ? image : image + ":latest"
    }

    /// The address, the port of the machine, that of the container, and the protocol.
    static func port(_ value: ComposeValue) -> String {
        guard let text = value.string else {
            let transport = value["protocol"]?.string ?? "tcp"
            return quoted([value["host_ip"], value["published"], value["target"]].strings + [transport])
        }
        let parts = text.split(separator: "/").map(String.init)
        var numbers = parts[0].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let target = numbers.removeLast(), published = numbers.popLast() ?? ""
        return quoted([numbers.joined(separator: ":"), published, target, parts.count > 1 ? parts[1] : "tcp"])
    }

    /// The path on the machine, that in the container, and what is allowed.
    static func device(_ text: String) -> String {
        let parts = text.split(separator: ":").map(String.init)
        return quoted([parts[0], parts.count > 1 ? parts[1] : parts[0], parts.count > 2 ? parts[2] : "rwm"])
    }

    static func bytes(_ value: ComposeValue) -> String {
        value.string.flatMap(ComposeNotation.bytes).map { "\($0)" } ?? "\(value)"
    }

    static func number(_ value: ComposeValue) -> String {
        value.string.flatMap { Double($0) }.map { "\($0)" } ?? "\(value)"
    }

    static func milliseconds(_ value: ComposeValue, _ byDefault: String) -> String {
        ComposeNotation.milliseconds(value.string ?? byDefault).map { "\($0)" } ?? "\(value)"
    }
}

extension [ComposeValue?] {
    /// Their strings; an empty one where there is no value.
    var strings: [String] { map { $0?.string ?? "" } }
}
