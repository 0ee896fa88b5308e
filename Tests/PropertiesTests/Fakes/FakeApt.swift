import PropelTesting
import Properties

/// apt-get, apt-cache and dpkg as far as these tests need them, over the status file of the machine in memory.
struct FakeApt {
    let fake: FakeMachine

    static let options =
        "--yes --quiet -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confdef -o "
        + "Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -o APT::Status-Fd=3"

    init(_ fake: FakeMachine, available: Set<String> = ["git", "curl", "ed", "nano", "g++"], takesAlong: [String] = [])
    {
        self.fake = fake
        fake.files.put("/var/lib/dpkg/status", "")
        fake.commands.program("apt-cache") { command in
            switch command.arguments.first {
            case "policy":
                // apt says nothing at all of a name that it has never heard, and "(none)" of a virtual one.
                .printing(
                    command.arguments.dropFirst(2).map { name in
                        available.contains(name)
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
            var status = fake.files.text(at: "/var/lib/dpkg/status") ?? ""
            for name in names {
                let package = isPurge ? name : name.hasSuffix("-") ? String(name.dropLast()) : name
                let isGone = isPurge || name.hasSuffix("-")
                status = status.split(separator: "\n\n").filter { !$0.hasPrefix("Package: \(package)\n") }.map {
                    $0 + "\n\n"
                }.joined()
                if !isPurge {
                    status += Self.package(package, isGone ? "deinstall ok config-files" : "install ok installed")
                }
            }
            fake.files.put("/var/lib/dpkg/status", status)
            return .printing()
        }
    }

    static func package(_ name: String, _ status: String) -> String {
        "Package: \(name)\nStatus: \(status)\nVersion: 1.0\n\n"
    }
}
