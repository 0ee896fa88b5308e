extension Apt {
    /// Upgrades that the machine installs by itself every day (unattended-upgrade(8)).
    ///
    ///     Apt.UnattendedUpgrades()
    ///     Apt.UnattendedUpgrades(origins: [.security], rebootAt: "03:30", mail: "admin@example.com")
    ///
    /// Its settings are in a file that outranks those of the package, which stay as they are.
    public struct UnattendedUpgrades: CompositeProperty {
        public typealias Target = DebianLike

        /// The packages that are upgraded.
        public enum Origin: Sendable, Hashable {
            /// The security updates of Debian, Raspbian or Ubuntu.
            case security
            /// All updates of the release of Debian, Raspbian or Ubuntu.
            case release
            /// A pattern of `Unattended-Upgrade::Origins-Pattern`: `origin=Docker,label=Docker CE`.
            case pattern(String)

            var patterns: [String] {
                let codename = "codename=${distro_codename}"
                return switch self {
                case .security:
                    [
                        "origin=Debian,\(codename),label=Debian-Security",
                        "origin=Debian,\(codename)-security,label=Debian-Security",
                        "origin=Ubuntu,archive=${distro_codename}-security,label=Ubuntu",
                    ]
                case .release:
                    [
                        "origin=Debian,\(codename),label=Debian", "origin=Debian,\(codename)-updates,label=Debian",
                        "origin=Raspbian,\(codename),label=Raspbian",
                        "origin=Raspberry Pi Foundation,\(codename),label=Raspberry Pi Foundation",
                        "origin=Ubuntu,archive=${distro_codename},label=Ubuntu",
                        "origin=Ubuntu,archive=${distro_codename}-updates,label=Ubuntu",
                    ]
                case .pattern(let pattern): [pattern]
                }
            }
        }

        public let origins: [Origin]
        public let rebootTime: String?
        public let mail: String?
        public let excluding: [String]
        public let autoremove: Bool

        /// - Parameters:
        ///   - origins: the packages that are upgraded; by default those of the package's own settings: security
        ///     updates, and for Debian all of the release.
        ///   - time: when the machine restarts if an upgrade needs it, such as `03:30`; by default it does not restart.
        ///   - mail: the address that hears of upgrades and errors; for that the machine needs a mail server. None by
        ///     default.
        ///   - excluding: regular expressions of the names of packages that are not upgraded; none by default.
        ///   - autoremove: whether packages that no other needs any longer are removed; no by default.
        public init(
            origins: [Origin] = [], rebootAt time: String? = nil, mail: String? = nil, excluding: [String] = [],
            autoremove: Bool = false
        ) {
            self.origins = origins
            rebootTime = time
            self.mail = mail
            self.excluding = excluding
            self.autoremove = autoremove
        }

        public var name: String { "unattended upgrades" }

        public var body: [Declaration] {
            Apt.Installed("unattended-upgrades")
            Settings(upgrades: self)
            Service("apt-daily.timer")
            Service("apt-daily-upgrade.timer")
        }

        /// The opposite: the settings of the package count again. `Apt.Absent("unattended-upgrades")` ends the
        /// upgrades.
        public func reverted() -> PropertyGroup<DebianLike> {
            PropertyGroup("no settings of \(name)") { Settings(upgrades: self).reverted() }
        }
    }
}

extension Apt.UnattendedUpgrades {
    /// The file of settings.
    struct Settings: FileBacked {
        typealias Target = DebianLike

        let upgrades: Apt.UnattendedUpgrades

        var name: String { "settings" }

        // The last file counts; that of the package is 50unattended-upgrades.
        var file: File {
            File("/etc/apt/apt.conf.d/99propel-unattended-upgrades", text) {
                Invocation("apt-config", ["--config-file=\($0)", "dump"])
            }
        }

        private var text: String {
            let prefix = "Unattended-Upgrade::"
            var lines = ["APT::Periodic::Update-Package-Lists \"1\";", "APT::Periodic::Unattended-Upgrade \"1\";"]
            func list(_ key: String, _ values: [String]) {
                lines += values.map { "\(prefix)\(key):: \"\($0)\";" }
            }
            if !upgrades.origins.isEmpty {
                // Lists of several files are joined.
                lines += ["#clear \(prefix)Origins-Pattern;", "#clear \(prefix)Allowed-Origins;"]
                list("Origins-Pattern", upgrades.origins.flatMap(\.patterns))
            }
            list("Package-Blacklist", upgrades.excluding)
            if let mail = upgrades.mail {
                lines += ["\(prefix)Mail \"\(mail)\";", "\(prefix)MailReport \"on-change\";"]
            }
            lines.append("\(prefix)Automatic-Reboot \"\(upgrades.rebootTime != nil)\";")
            if let time = upgrades.rebootTime { lines.append("\(prefix)Automatic-Reboot-Time \"\(time)\";") }
            lines.append("\(prefix)Remove-Unused-Dependencies \"\(upgrades.autoremove)\";")
            return lines.map { $0 + "\n" }.joined()
        }

        func validate() throws {
            let patterns = upgrades.origins.flatMap(\.patterns)
            for value in patterns + upgrades.excluding + [upgrades.mail].compactMap(\.self) {
                guard !value.isEmpty, !value.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") }) else {
                    throw Failure(
                        "“\(value.escaped)” of unattended upgrades is empty, or has a quote or a newline in it"
                    )
                }
            }
            guard let time = upgrades.rebootTime, time != "now" else { return }
            let parts = time.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(\.isASCIIDigit) }),
                parts[0] < "24", parts[1] < "60"
            else {
                throw Failure(
                    "invalid time “\(time.escaped)” of a restart", advice: "Write hours and minutes: 03:30.")
            }
        }
    }
}
