import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct SambaTests {
    private let fake = FakeMachine()
    private static let path: FilePath = "/etc/samba/smb.conf"

    init() {
        fake.hasInstalled("samba")
        fake.files.put(Self.path, "[global]\n   workgroup = WORKGROUP\n[homes]\n")
        fake.commands.program("testparm")
    }

    private var text: String? { fake.files.text(at: Self.path) }

    @Test func `shares are the whole file, which testparm accepts, and the former one comes back`() async throws {
        let samba = Samba(
            .init("media", at: "/srv/my media", users: ["anna", "@family"], isWritable: true),
            .init("public", at: "/srv/public", allowsGuests: true, settings: ["comment": "for all"]),
            settings: ["workgroup": "HOME"])
        try await fake.obeysLaw(samba.configuration)
        #expect(
            text == """
                [global]
                    map to guest = bad user
                    server role = standalone server
                    workgroup = HOME

                [media]
                    guest ok = no
                    path = /srv/my media
                    read only = no
                    valid users = anna @family

                [public]
                    comment = for all
                    guest ok = yes
                    path = /srv/public
                    read only = yes

                """)
        #expect(fake.commands.log == ["testparm --suppress-prompt /etc/samba/.smb.conf.propel"])
        try await fake.obeysLaw(samba.configuration.reverted())
        #expect(text == "[global]\n   workgroup = WORKGROUP\n[homes]\n")
    }

    @Test func `a server is reloaded, and needs no second run`() async throws {
        _ = FakeSystemd(fake, ["smbd.service": .init(active: "active", file: "enabled")])
        let host = Host("test", runs: Debian.self) { Samba(.init("media", at: "/srv/media")) }
        let run = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(run[.failed] == 0)
        #expect(fake.commands.log.contains { $0.hasPrefix("systemctl") && $0.contains("reload") })
        let second = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(second[.changed] == 0 && second[.failed] == 0)
    }

    @Test func `what testparm refuses is not put in place`() async throws {
        fake.commands.program("testparm", status: 1, errors: "Error loading services.\n")
        await #expect(throws: CommandFailure.self) {
            try await Samba(.init("a", at: "/srv")).configuration.apply(on: fake.machine)
        }
        #expect(text?.contains("[homes]") == true)
    }

    static let flawed = [
        Samba(.init("", at: "/srv")), Samba(.init("a/b", at: "/srv")), Samba(.init("global", at: "/srv")),
        Samba(.init("a", at: "srv")), Samba(.init("a", at: "/srv/%U")), Samba(.init("a", at: "/srv", users: ["a b"])),
        Samba(.init("a", at: "/srv", settings: ["Path": "/etc"])), Samba(settings: ["a\nb": "c"]),
        Samba(settings: ["a": "b\n[x]"]), Samba(.init("a", at: "/srv"), .init("A", at: "/srv")),
    ]

    @Test(arguments: flawed.indices) func `invalid shares are problems and write nothing`(_ index: Int) async throws {
        let configuration = Self.flawed[index].configuration
        #expect(configuration.problems.count == 1)
        await #expect(throws: Failure.self) { try await configuration.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }
}
