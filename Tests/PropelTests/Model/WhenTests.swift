import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct WhenTests {
    private let fake = FakeMachine()

    @Test func `a condition decides about the properties in its braces`() async throws {
        fake.files.put("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n")
        fake.files.put("/proc/meminfo", "MemTotal:        1000000 kB\n")
        fake.files.put("/etc/there", "")
        let reports = await fake.plan {
            When(.codename("bookworm")) { Flag("codename") }
            When(.codename("trixie")) { Flag("other codename") }
            When(.memory(atLeast: 1 << 30)) { Flag("much memory") }
            When(!.memory(atLeast: 1 << 30)) { Flag("little memory") }
            When(.exists("/etc/there") && .codename("bookworm")) { Flag("both") }
            When(.exists("/etc/none") || .codename("bookworm")) { Flag("either") }
        }
        let planned = reports.all.filter { $0.status == .wouldChange }.compactMap { $0.path.split(separator: "/").last }
        #expect(planned == ["codename", "little memory", "both", "either"])
    }

    @Test func `a condition on a user who comes later is decided later`() async throws {
        let reports = await fake.plan { When(.fact(.userID(of: "late"), is: "1")) { Flag("x") } }
        #expect(reports.all.first?.status == .unknown)
    }
}
