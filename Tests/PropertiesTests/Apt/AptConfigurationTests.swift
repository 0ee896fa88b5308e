import PropelTesting
import Properties
import RecordedOperations
import Testing

@Suite(.recorded) struct AptConfigurationTests {
    private let fake = FakeMachine()
    private let proxy = Apt.Configuration(
        "proxy", ["Acquire::https::Proxy": "DIRECT", "Acquire::http::Proxy": "http://10.0.0.2:3142"])

    init() {
        fake.files.put(directory: "/etc/apt/apt.conf.d")
        fake.commands.program("apt-config")
    }

    @Test func `settings are a file that apt accepts`() async throws {
        let before = fake.files.snapshot
        try await fake.obeysLaw(proxy)
        #expect(
            fake.files.text(at: "/etc/apt/apt.conf.d/98propel-proxy")
                == "Acquire::http::Proxy \"http://10.0.0.2:3142\";\nAcquire::https::Proxy \"DIRECT\";\n")
        #expect(
            fake.commands.log == ["apt-config --config-file=/etc/apt/apt.conf.d/.98propel-proxy.propel dump"])
        try await fake.obeysLaw(proxy.reverted())
        #expect(fake.files.snapshot == before)
    }

    @Test func `what apt refuses is not put in place`() async throws {
        fake.commands.program("apt-config", status: 100, errors: "E: Syntax error")
        await #expect(throws: CommandFailure.self) { try await proxy.apply(on: fake.machine) }
        #expect(fake.files["/etc/apt/apt.conf.d/98propel-proxy"] == nil)
    }

    @Test(arguments: [
        Apt.Configuration("", ["A": "b"]), Apt.Configuration("a.conf", ["A": "b"]), Apt.Configuration("a", [:]),
        Apt.Configuration("a", ["": "b"]), Apt.Configuration("a", ["A B": "c"]),
        Apt.Configuration("a", ["#clear": "x"]),
        Apt.Configuration("a", ["A": "b\";\nC \"d"]), Apt.Configuration("a", ["A": "b\"c"]),
    ]) func `invalid settings are refused and write nothing`(_ configuration: Apt.Configuration) async throws {
        #expect(configuration.problems.count == 1)
        await #expect(throws: Failure.self) { try await configuration.apply(on: fake.machine) }
        #expect(fake.files.writes.isEmpty)
    }
}
