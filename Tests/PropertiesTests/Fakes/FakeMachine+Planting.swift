import PropelTesting
import Properties

extension FakeMachine {
    /// Lets dpkg know of these packages, and of no others.
    func hasInstalled(_ packages: String...) {
        let stanzas = packages.map { "Package: \($0)\nStatus: install ok installed\nVersion: 1\n" }
        files.put("/var/lib/dpkg/status", stanzas.joined(separator: "\n"))
    }

    /// A Debian 13 instead of 12.
    func isTrixie() {
        files.put("/usr/lib/os-release", "ID=debian\nVERSION_ID=\"13\"\nVERSION_CODENAME=trixie\n")
    }

    /// The answer of the check of a reverted property.
    func checkReverted(_ property: some Revertible) async throws -> Check { try await check(property.reverted()) }
}

extension Check {
    /// Why it is unmet; nil where it is not.
    var reason: String? { if case .unmet(let change) = self { change.reason } else { nil } }
    var diff: String? { if case .unmet(let change) = self { change.diff?.text } else { nil } }
    var isUnknown: Bool { if case .unknown = self { true } else { false } }
}
