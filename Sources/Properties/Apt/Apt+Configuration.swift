extension Apt {
    /// Settings of apt, in a file of `/etc/apt/apt.conf.d` (apt.conf(5)).
    ///
    ///     Apt.Configuration("proxy", ["Acquire::http::Proxy": "http://10.0.0.2:3142"])
    ///     Apt.Configuration("lean", ["APT::Install-Recommends": "false", "Acquire::Languages": "none"])
    ///
    /// They count over the files of packages, and apt must be able to read them before they are put in place. For the
    /// daily upgrades there is ``UnattendedUpgrades``.
    public struct Configuration: FileBacked {
        public typealias Target = DebianLike

        public let id: String
        public let settings: [String: String]

        /// - Parameters:
        ///   - id: the name of the file: letters, digits and `-`.
        ///   - settings: the values by the names of the settings; a name that ends with `::` adds to a list. Everybody
        ///     on the machine can read them.
        public init(_ id: String, _ settings: [String: String]) {
            self.id = id
            self.settings = settings
        }

        public var name: String { "apt configuration \(id)" }
        public var file: File {
            let lines = settings.sorted { $0.key < $1.key }.map { "\($0.key) \"\($0.value)\";\n" }
            return File(FilePath("/etc/apt/apt.conf.d/98propel-\(id)"), lines.joined()) {
                Invocation("apt-config", ["--config-file=\($0)", "dump"])
            }
        }

        public func validate() throws {
            guard !id.isEmpty, id.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }) else {
                throw Failure("invalid name of a configuration “\(id.escaped)”", advice: "Use letters, digits and “-”.")
            }
            guard !settings.isEmpty else { throw Failure("the apt configuration \(id) has no settings") }
            for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
                guard let first = key.utf8.first, first.isASCIILetterOrDigit,
                    key.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-:./_+".utf8.contains($0) })
                else {
                    throw Failure(
                        "invalid name of a setting of apt “\(key.escaped)”",
                        advice: "Write it as `apt-config dump` does: Acquire::http::Proxy.")
                }
                guard !value.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") }) else {
                    throw Failure("the value of \(key) has a quote or a newline in it: “\(value.escaped)”")
                }
            }
        }
    }
}
