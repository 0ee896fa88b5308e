import Testing

@testable import Properties

/// Groups of properties that take something away: its units stop before anything that they need, or that they would
/// make again, goes.
@Suite struct AbsenceOrderTests {
    static let hosts: [Host] = [
        Host("restic", runs: Debian.self) { Restic.Absent("photos") },
        Host("borg", runs: Debian.self) { Borg.Absent("photos") },
        Host("certificate", runs: Debian.self) { TLS.ACME.Absent("mail") },
        Host("stack", runs: Debian.self) { Stack.Absent("shop") },
        Host("tunnel", runs: Debian.self) { WireGuard.Absent("wg0") },
        Host("firewall", runs: Debian.self) { Firewall.Absent() },
    ]

    @Test(arguments: hosts.indices) func `units stop first`(_ index: Int) throws {
        let areUnits = Self.hosts[index].steps.map(\.property).map { property in
            property is SystemdUnit.Absent || property is Service || property is Reverted<SystemdUnit>
        }
        let last = try #require(areUnits.lastIndex(of: true)), first = try #require(areUnits.firstIndex(of: false))
        #expect(last < first)
    }

    /// It would start the service again.
    @Test func `a timer stops before its service`() {
        let host = Host("x", runs: Debian.self) { Properties.Timer.Absent("backup") }
        let units = host.steps.compactMap { ($0.property as? SystemdUnit.Absent)?.unit }
        #expect(units == ["backup.timer", "backup.service"])
    }
}
