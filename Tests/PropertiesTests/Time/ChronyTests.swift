import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct ChronyTests {
    private let fake = FakeMachine()

    @Test func `servers and networks are files of chrony`() async throws {
        _ = FakeSystemd(fake, ["chrony.service": .init()])
        fake.hasInstalled("chrony")
        fake.files.put(directory: "/etc/chrony/sources.d")
        fake.files.put(directory: "/etc/chrony/conf.d")
        fake.files.put("/etc/chrony/chrony.conf", "confdir /etc/chrony/conf.d\npool 2.debian.pool.ntp.org iburst\n")
        let host = Host("test", runs: Debian.self) {
            Chrony(servers: "ntp1.example.com", "192.0.2.1", keepsDefaults: false, serves: ["10.0.0.0/8"])
        }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0)
        #expect(
            fake.files.text(at: "/etc/chrony/sources.d/propel.sources")
                == "server ntp1.example.com iburst\nserver 192.0.2.1 iburst\n")
        #expect(fake.files.text(at: "/etc/chrony/conf.d/propel.conf") == "allow 10.0.0.0/8\n")
        #expect(fake.files.text(at: "/etc/chrony/chrony.conf") == "confdir /etc/chrony/conf.d\n")
        #expect(fake.commands.log.count { $0 == "systemctl restart -- chrony.service" } == 1)
        let second = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(second[.changed] == 0)
    }

    @Test func `it excludes the other daemon`() {
        let host = Host("test", runs: Debian.self) {
            Chrony()
            Ntp()
        }
        #expect(host.conflicts.map(\.subject) == ["the package systemd-timesyncd"])
    }

    @Test func `an invalid server is a problem`() {
        #expect(ChronyFile(path: "/etc/chrony/sources.d/x", values: ["a b"]) { $0 }.problems.count == 1)
        #expect(ChronyFile(path: "/etc/chrony/sources.d/x", values: ["a\nb"]) { $0 }.problems.count == 1)
    }
}
