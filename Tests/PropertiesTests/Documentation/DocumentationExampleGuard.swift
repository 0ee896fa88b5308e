import PropelTesting
import Properties
import Testing

// From docs/lock-out.md and docs/writing-a-property.md. DocumentationTests holds the pages to it.

struct DropbearPort: FileBacked, Guarded {
    typealias Target = DebianLike

    let port: UInt16

    var name: String { "port of dropbear" }
    var file: File { File("/etc/default/dropbear", "DROPBEAR_PORT=\(port)\n") }

    func isGuarded(on machine: Machine) async throws -> Bool {
        try machine.files.status(of: "/etc/systemd/system/multi-user.target.wants/dropbear.service") != nil
    }
}

@Suite struct GuardDocumentationTests {
    @Test func `the examples are guarded as the pages say`() async {
        let host = Host("web1.example.com", runs: Debian.self) {
            File("/etc/dhcp/dhclient.conf", "send host-name \"web1\";\n").guarded()
                .onChange(Service.Restart("networking"))
        }
        #expect(host.steps.map(\.isDeclaredGuarded) == [true])

        let fake = FakeMachine()
        fake.files.put("/etc/default/dropbear", "")
        let run = GuardedRun(fake)
        await run.enforce(isConfirmed: false) { DropbearPort(port: 2222) }
        #expect(run.questions == 0, "it does not run")
        fake.files.put("/etc/systemd/system/multi-user.target.wants/dropbear.service", linkTo: "/dev/null")
        await run.enforce(isConfirmed: false) { DropbearPort(port: 2223) }
        #expect(run.questions == 1 && fake.files.text(at: "/etc/default/dropbear") == "DROPBEAR_PORT=2222\n")
    }
}
