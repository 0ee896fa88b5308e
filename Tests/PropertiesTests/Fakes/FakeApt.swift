import PropelTesting
import Properties

/// apt-get, apt-cache, apt-mark and dpkg as far as these tests need them, over the status file of the machine in
/// memory.
struct FakeApt {
    let fake: FakeMachine

    /// A version of a package, and the suite that has it.
    struct Version: Sendable {
        var number: String
        var suite = "bookworm"
    }

    static let options =
        "--yes --quiet -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef -o "
        + "Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -o APT::Status-Fd=3"

    static let keeping = "-o APT::Get::AutomaticRemove=false"

    /// - Parameters:
    ///   - available: packages of which apt knows one version.
    ///   - versions: packages of which it knows others, the latest first. Those of backports are no candidates.
    ///   - takesAlong: packages that any installation would remove.
    ///   - brings: called with the packages of each installation, and makes what they bring; does nothing by default.
    init(
        _ fake: FakeMachine, available: Set<String> = ["git", "curl", "ed", "nano", "g++"],
        versions: [String: [Version]] = [:], takesAlong: [String] = [],
        brings: @escaping @Sendable (_ packages: [String]) -> Void = { _ in }
    ) {
        self.fake = fake
        fake.files.put("/var/lib/dpkg/status", "")
        plantMarks()
        @Sendable func candidate(_ name: String) -> String? {
            versions[name]?.first { !$0.suite.hasSuffix("backports") }?.number
        }
        fake.commands.program("apt-cache") { command in
            switch command.arguments.first {
            case "policy":
                // apt says nothing at all of a name that it has never heard, and "(none)" of a virtual one.
                .printing(
                    command.arguments.dropFirst(2).map { name in
                        if let known = versions[name] {
                            return "\(name):\n  Installed: (none)\n  Candidate: \(candidate(name) ?? "(none)")\n"
                                + "  Version table:\n"
                                + known.map {
                                    "     \($0.number) 500\n        500 http://deb.debian.org/debian "
                                        + "\($0.suite)/main amd64 Packages\n"
                                }.joined()
                        }
                        return available.contains(name)
                            ? "\(name):\n  Installed: (none)\n  Candidate: 1.0\n"
                            : name == "awk" ? "awk:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n" : ""
                    }.joined())
            case "showpkg" where command.arguments.last == "awk":
                .printing(
                    "Package: awk\nVersions: \n\nReverse Depends: \n  vim,awk\nDependencies: \nProvides: \nReverse "
                        + "Provides: \noriginal-awk 2022-09-12-1 (= )\nmawk 1.3.4 (= )\ngawk 1:5.2.1-2 (= )\nmawk "
                        + "1.3.3 (= )\n"
                )
            default: .failing(100, "E: No packages found")
            }
        }
        fake.commands.program("apt-get") { command in
            guard let separator = command.arguments.firstIndex(of: "--") else { return .printing() }
            let names = command.arguments[(separator + 1)...]
            let isPurge = command.arguments.contains("purge")
            guard command.arguments.first != "--simulate" else {
                return .printing(
                    (names.filter { isPurge || $0.hasSuffix("-") }.map {
                        "Remv \($0.dropLast(isPurge ? 0 : 1)):amd64 [1.0]"
                    } + takesAlong.map { "Remv \($0) [2]" } + ["Inst git (1.0)"]).joined(separator: "\n"))
            }
            // Together they are an error where the configuration says so.
            guard !command.arguments.contains("--no-remove") || command.description.contains(Self.keeping) else {
                return .failing(100, "We are not supposed to delete stuff, can't start AutoRemover")
            }
            guard takesAlong.isEmpty || command.arguments.first != "--no-remove" else {
                return .failing(100, "E: Packages need to be removed but remove is disabled.")
            }
            var status = fake.files.text(at: "/var/lib/dpkg/status") ?? ""
            for name in names {
                let isGone = isPurge || name.hasSuffix("-")
                var package = !isPurge && isGone ? String(name.dropLast()) : name
                var version = candidate(package) ?? "1.0"
                if package.hasPrefix("/") {
                    // A file, whose text is the version of the package that its name has.
                    version = fake.files.text(at: FilePath(package)) ?? ""
                    package = FilePath(package).stem ?? ""
                } else if let mark = package.firstIndex(where: { "=/".contains($0) }) {
                    let (wanted, isVersion) = (String(package[mark...].dropFirst()), package[mark] == "=")
                    package = String(package[..<mark])
                    version = isVersion ? wanted : versions[package]?.first { $0.suite == wanted }?.number ?? "?"
                }
                status = status.split(separator: "\n\n").filter { !$0.hasPrefix("Package: \(package)\n") }.map {
                    $0 + "\n\n"
                }.joined()
                if !isPurge {
                    status += Self.package(
                        package, isGone ? "deinstall ok config-files" : "install ok installed", version)
                }
            }
            fake.files.put("/var/lib/dpkg/status", status)
            if !isPurge { brings(names.filter { !$0.hasSuffix("-") }) }
            return .printing()
        }
    }

    static func package(_ name: String, _ status: String, _ version: String = "1.0") -> String {
        "Package: \(name)\nStatus: \(status)\nVersion: \(version)\n\n"
    }

    /// apt-mark, over the status file and the list of packages that were installed for others.
    private func plantMarks() {
        fake.commands.program("apt-mark") { [fake] command in
            for name in command.arguments.dropFirst(2) {
                func edit(_ path: FilePath, _ old: String, _ new: String) {
                    let blocks = (fake.files.text(at: path) ?? "").split(separator: "\n\n").map { block in
                        (block.hasPrefix("Package: \(name)\n")
                            ? String(block.replacing(old, with: new)) : String(block))
                            + "\n\n"
                    }
                    fake.files.put(path, blocks.joined())
                }
                switch command.arguments[0] {
                case "hold": edit("/var/lib/dpkg/status", "Status: install ", "Status: hold ")
                case "unhold": edit("/var/lib/dpkg/status", "Status: hold ", "Status: install ")
                case "manual": edit("/var/lib/apt/extended_states", "Auto-Installed: 1", "Auto-Installed: 0")
                default: return .failing()
                }
            }
            return .printing()
        }
    }
}
