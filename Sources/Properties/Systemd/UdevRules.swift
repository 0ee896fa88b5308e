/// Rules for devices, in a file of `/etc/udev/rules.d` (udev(7)).
///
///     UdevRules("99-zigbee", """
///         SUBSYSTEM=="tty", ATTRS{idVendor}=="10c4", ATTRS{idProduct}=="ea60", SYMLINK+="zigbee"
///         """)
///
/// After the run's other changes the rules are read, and count for the devices that are there. They are read in the
/// order of the names of the files. A container has no devices: there the file is all. A revert removes the file;
/// what a rule has done to a device stays until it is plugged in again, or the machine restarts.
public struct UdevRules: FileBacked {
    public typealias Target = DebianLike

    public let id: String
    public let text: String

    /// - Parameters:
    ///   - id: the name of the file without `.rules`: letters, digits, `-`, `_` and `.`.
    ///   - text: the rules.
    public init(_ id: String, _ text: String) {
        self.id = id
        self.text = text
    }

    public var name: String { "udev rules \(id)" }
    public var createsDirectory: Bool { true }

    public var file: File {
        File(FilePath("/etc/udev/rules.d/\(id).rules"), text.hasSuffix("\n") ? text : text + "\n")
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        var declaration = declaration(at: place, requiring: [Apt.Installed("udev")])
        declaration.actions = [Reload()]
        return declaration
    }

    public func validate() throws {
        let isName =
            !id.isEmpty && !id.hasPrefix(".")
            && id.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }
        guard isName else {
            throw Failure(
                "invalid name of udev rules “\(id.escaped)”", advice: "Use letters, digits, “-”, “_” and “.”.")
        }
        guard !text.utf8.contains(0) else { throw Failure("the udev rules \(id) have a NUL in them") }
        let rules = rules
        guard !rules.isEmpty else { throw Failure("the udev rules \(id) are empty", advice: "Give one.") }
        if let flawed = rules.first(where: { !Self.isRule($0) }) {
            throw Failure(
                "invalid udev rule “\(flawed.escaped)” of \(id)",
                advice: "Write KEY==\"value\" and KEY=\"value\" with commas between them.")
        }
    }

    /// The rules, each in one line, without comments.
    private var rules: [String] {
        var rules: [String] = [], rule = ""
        for line in text.lines.map({ String($0).trimmed }) where !line.begins(with: "#") {
            let isContinued = line.hasSuffix("\\")
            rule += isContinued ? String(line.dropLast()) : line
            if !isContinued {
                rules.append(rule.trimmed)
                rule = ""
            }
        }
        return (rules + [rule.trimmed]).filter { !$0.isEmpty }
    }

    /// Whether each part is a key, an operator and a quoted value.
    private static func isRule(_ rule: String) -> Bool {
        var rest = rule[...]
        func skip(_ isSkipped: (Character) -> Bool) { rest = rest.drop(while: isSkipped) }
        while !rest.isEmpty {
            let start = rest.startIndex
            skip { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            guard rest.startIndex != start else { return false }
            if rest.first == "{" {
                guard let end = rest.firstIndex(of: "}") else { return false }
                rest = rest[rest.index(after: end)...]
            }
            skip { $0 == " " || $0 == "\t" }
            guard let operation = ["==", "!=", "+=", "-=", ":=", "="].first(where: { rest.hasPrefix($0) }) else {
                return false
            }
            rest = rest.dropFirst(operation.count)
            skip { $0 == " " || $0 == "\t" }
            // e"…" has escapes, i"…" ignores case.
            if rest.hasPrefix("e\"") || rest.hasPrefix("i\"") { rest = rest.dropFirst() }
            guard rest.first == "\"" else { return false }
            rest = rest.dropFirst()
            while let character = rest.first, character != "\"" { rest = rest.dropFirst(character == "\\" ? 2 : 1) }
            guard !rest.isEmpty else { return false }
            rest = rest.dropFirst()
            skip { $0 == " " || $0 == "\t" || $0 == "," }
        }
        return true
    }

    /// Lets udev read its rules, and applies them to the devices that are there.
    struct Reload: Action {
        typealias Target = DebianLike

        var name: String { "reload the udev rules" }
        func perform(on machine: Machine) async throws {
            // Without udevd, as in a container, there is nobody to tell.
            guard try machine.files.status(of: "/run/udev/control") != nil else { return }
            try await machine.run("udevadm", "control", "--reload")
            try await machine.run("udevadm", "trigger")
        }
    }
}
