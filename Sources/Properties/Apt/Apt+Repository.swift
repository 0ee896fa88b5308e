extension Apt {
    /// A repository of packages besides those of the distribution (sources.list(5), the deb822 format).
    ///
    ///     Apt.Repository(
    ///         "docker", uri: "https://download.docker.com/linux/debian", suites: ["\(Fact.codename)"],
    ///         components: ["stable"], key: dockerKey)
    ///     Apt.Installed("docker-ce")
    ///
    /// The key stands in the same file and counts for this repository alone. Packages of it that are declared in the
    /// same run are found: the lists are fetched again when a file of sources has changed. A list of the same
    /// repository under another name, from before, is not removed: declare it as ``File/Absent``.
    public struct Repository: FileBacked {
        public typealias Target = DebianLike

        public let id: String
        public let uri: String
        public let suites: [Content]
        public let components: [String]
        public let architectures: [String]
        public let key: String
        public let isSource: Bool

        /// - Parameters:
        ///   - id: the name of the file: letters, digits, `-`, `_` and `.`.
        ///   - uri: the address of the repository.
        ///   - suites: the suites, usually the codename of the release; or one path that ends with `/`.
        ///   - components: the components; none for a path.
        ///   - architectures: as Debian names them; those of the machine by default.
        ///   - key: the public key in ASCII armour, as `gpg --export --armor` prints it.
        ///   - hasSources: whether source packages are listed too; no by default.
        public init(
            _ id: String, uri: String, suites: [Content], components: [String] = ["main"], architectures: [String] = [],
            key: String, hasSources: Bool = false
        ) {
            self.id = id
            self.uri = uri
            self.suites = suites
            self.components = components
            self.architectures = architectures
            self.key = key
            isSource = hasSources
        }

        public var name: String { "apt repository \(id)" }

        public var file: File {
            var text: Content = "Types: deb\(isSource ? " deb-src" : "")\nURIs: \(uri)\nSuites:"
            for suite in suites { text = text + " \(suite)" }
            text = text + "\n"
            if !components.isEmpty { text = text + "Components: \(components.joined(separator: " "))\n" }
            if !architectures.isEmpty { text = text + "Architectures: \(architectures.joined(separator: " "))\n" }
            return File("/etc/apt/sources.list.d/\(id).sources", text + "Signed-By:\n\(indentedKey)")
        }

        /// The key as the value of a field: an empty line is a dot.
        private var indentedKey: String {
            key.trimmed.lines.map { line in
                let text = String(line.withoutCarriageReturn).trimmed
                return text.isEmpty ? " .\n" : " \(text)\n"
            }.joined()
        }

        public func validate() throws {
            let isName =
                !id.isEmpty && id.utf8.first != UInt8(ascii: ".")
                && id.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }
            guard isName else {
                throw Failure(
                    "invalid name of a repository “\(id.escaped)”", advice: "Use letters, digits, “-”, “_” and “.”.")
            }
            let schemes = ["https://", "http://", "file:/", "mirror+http"]
            guard schemes.contains(where: uri.hasPrefix), uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw Failure(
                    "invalid address “\(uri.escaped)” of the repository \(id)", advice: "Begin with https://.")
            }
            guard !suites.isEmpty else {
                throw Failure("the repository \(id) has no suite", advice: "Name one, such as \\(Fact.codename).")
            }
            let words = components + architectures
            guard words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) else {
                throw Failure("the repository \(id) has a component or an architecture with a space in it")
            }
            guard key.contains("-----BEGIN PGP PUBLIC KEY BLOCK-----"),
                key.contains("-----END PGP PUBLIC KEY BLOCK-----")
            else {
                throw Failure(
                    "the key of the repository \(id) is not an armoured public key",
                    advice: "Paste the output of gpg --export --armor, from the first dash to the last.")
            }
        }
    }

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
            guard !id.isEmpty, id.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }) else {
                throw Failure(
                    "invalid name of a preference “\(id.escaped)”", advice: "Use letters, digits, “-” and “_”.")
            }
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
