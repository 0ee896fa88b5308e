extension Apt {
    /// The preference for versions of packages (apt_preferences(5)).
    ///
    ///     Apt.Pin("backports", packages: ["linux-image-*"], pin: "release a=bookworm-backports", priority: 500)
    public struct Pin: FileBacked {
        public typealias Target = DebianLike

        public let id: String
        public let packages: [String]
        public let pin: String
        public let priority: Int

        /// - Parameters:
        ///   - id: the name of the file: letters, digits, `-` and `_`.
        ///   - packages: names or patterns of packages; `*` for all.
        ///   - pin: what is preferred: `version 1.2*`, `release a=bookworm-backports`, `origin "apt.example.com"`.
        ///   - priority: above 1000 versions are downgraded too, below 0 they are never installed; see the manual page.
        public init(_ id: String, packages: [String], pin: String, priority: Int) {
            self.id = id
            self.packages = packages
            self.pin = pin
            self.priority = priority
        }

        public var name: String { "apt preference \(id)" }
        public var file: File {
            File(
                "/etc/apt/preferences.d/\(id).pref",
                "Package: \(packages.joined(separator: " "))\nPin: \(pin)\nPin-Priority: \(priority)\n")
        }

        public func validate() throws {
            try PlainName.validate(id, of: "a preference")
            let fields = packages + [pin]
            guard !packages.isEmpty, fields.allSatisfy({ !$0.trimmed.isEmpty && !$0.utf8.contains { $0 < 0x20 } })
            else {
                throw Failure("the preference \(id) has an empty field or one with a newline in it")
            }
            guard priority != 0 else {
                throw Failure("the preference \(id) has the priority 0, whose meaning apt leaves open")
            }
        }
    }
}
