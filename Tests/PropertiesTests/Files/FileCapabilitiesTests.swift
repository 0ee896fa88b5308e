import PropelTesting
import Properties
import RecordedOperations
import Synchronization
import Testing

@Suite(.recorded) struct FileCapabilitiesTests {
    private let fake = FakeMachine()
    private let table = Table()
    private let caddy = FileCapabilities("/usr/local/bin/caddy", "cap_net_bind_service")

    /// The line of getcap by the path.
    private final class Table: Sendable { let lines = Mutex<[String: String]>([:]) }

    init() {
        fake.hasInstalled("libcap2-bin")
        fake.files.put("/usr/sbin/getcap", "", mode: 0o755)
        fake.files.put("/usr/local/bin/caddy", "", mode: 0o755)
        fake.commands.program("getcap") { [table] command in
            let lines = table.lines.withLock { $0 }
            return .printing(command.arguments.compactMap { lines[$0] }.map { $0 + "\n" }.joined())
        }
        fake.commands.program("setcap") { [table] command in
            let path = command.arguments[1], value = command.arguments[0]
            table.lines.withLock { $0[path] = value == "-r" ? nil : "\(path) \(value)" }
            return .printing()
        }
    }

    @Test func `capabilities are given and taken away`() async throws {
        #expect(try await fake.obeysLaw(caddy).reason == "none → cap_net_bind_service=ep")
        #expect(fake.commands.log.contains("setcap cap_net_bind_service=ep /usr/local/bin/caddy"))
        #expect(try await fake.obeysLaw(caddy.reverted()).reason == "take away cap_net_bind_service=ep")
        #expect(try await fake.check(caddy.reverted()) == .satisfied)
    }

    @Test(arguments: [
        "/usr/local/bin/caddy cap_net_admin,cap_net_raw=ep", "/usr/local/bin/caddy = cap_net_raw,cap_net_admin+ep",
        "/usr/local/bin/caddy cap_net_raw,cap_net_admin=pe",
    ]) func `the same in other words is kept`(_ line: String) async throws {
        table.lines.withLock { $0["/usr/local/bin/caddy"] = line }
        let both = FileCapabilities("/usr/local/bin/caddy", "cap_net_raw", "cap_net_admin")
        #expect(try await fake.check(both) == .satisfied)
    }

    @Test(arguments: [
        "/usr/local/bin/caddy cap_net_bind_service=eip", "/usr/local/bin/caddy cap_net_raw=ep",
        "/usr/local/bin/caddy cap_net_bind_service,cap_net_raw=ep", "/usr/local/bin/caddy2 cap_net_bind_service=ep",
    ]) func `a near miss is set`(_ line: String) async throws {
        table.lines.withLock { $0["/usr/local/bin/caddy"] = line }
        try await fake.obeysLaw(caddy)
    }

    @Test func `a program that others can exchange is refused`() async throws {
        fake.files.put(directory: "/opt/app", mode: 0o777)
        fake.files.put("/opt/app/run", "", mode: 0o755)
        let run = FileCapabilities("/opt/app/run", "cap_net_raw")
        await #expect(throws: Failure.self) { try await fake.check(run) }
        await #expect(throws: Failure.self) { try await run.apply(on: fake.machine) }
        #expect(!fake.commands.log.contains { $0.hasPrefix("setcap") })
    }

    @Test func `the program and getcap may still come, and a link is refused`() async throws {
        #expect(try await fake.check(FileCapabilities("/usr/bin/none", "cap_net_raw")).isUnknown)
        fake.files.put("/usr/bin/link", linkTo: "/usr/local/bin/caddy")
        await #expect(throws: Failure.self) { try await fake.check(FileCapabilities("/usr/bin/link", "cap_net_raw")) }
        try fake.files.remove("/usr/sbin/getcap")
        #expect(try await fake.check(caddy) == .unknown(until: "libcap2-bin is installed"))
    }

    @Test(arguments: [
        FileCapabilities("caddy", "cap_net_raw"), FileCapabilities("/x"), FileCapabilities("/x", "net_raw"),
        FileCapabilities("/x", "cap_net_raw+ep"), FileCapabilities("/x", "cap_net_raw", "cap_net_raw"),
        FileCapabilities("/x y", "cap_net_raw"),
    ]) func `an invalid declaration is a problem`(_ property: FileCapabilities) async throws {
        #expect(property.problems.count == 1)
        await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }
}
