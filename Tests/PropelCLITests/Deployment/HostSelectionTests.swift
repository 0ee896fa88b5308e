import HostsConf
import Properties
import Testing

@testable import PropelCLI

@Suite struct HostSelectionTests {
    private let conf: HostsConf

    init() throws {
        let roles = ["web", "db"].map { Role($0, runs: Debian.self) { _ in Timezone("Etc/UTC") } }
        conf = try HostsConf(
            parsing: """
                [web2]
                role = "web"
                address = "192.0.2.2"
                [web1]
                role = "web"
                address = "192.0.2.1"
                [db1]
                role = "db"
                address = "192.0.2.3"
                """, roles: roles)
    }

    @Test(arguments: [
        (HostSelection(names: ["db1", "web1"]), ["db1", "web1"]),
        (HostSelection(names: ["web1", "web1"]), ["web1"]),
        (HostSelection(names: ["web*"]), ["web2", "web1"]),
        (HostSelection(names: ["web1", "web*"]), ["web1", "web2"]),
        (HostSelection(names: ["[dm]b1"]), ["db1"]),
        (HostSelection(names: ["db?"], roles: ["web"]), ["db1", "web2", "web1"]),
        (HostSelection(roles: ["db"]), ["db1"]),
        (HostSelection(isEach: true), ["web2", "web1", "db1"]),
        (HostSelection(isEach: true, exceptions: ["db*"]), ["web2", "web1"]),
        (HostSelection(roles: ["web"], exceptions: ["web2"]), ["web1"]),
    ])
    func `hosts are meant by names, patterns, roles, or all at once`(
        _ selection: HostSelection, _ names: [String]
    ) throws {
        #expect(try selection.names(in: conf) == names)
    }

    @Test(arguments: [
        (HostSelection(names: ["mail*"]), "no host in hosts.conf matches \"mail*\"; `propel hosts` lists them"),
        (
            HostSelection(isEach: true, exceptions: ["mail*"]),
            "--except: no host in hosts.conf matches \"mail*\"; `propel hosts` lists them"
        ),
        (HostSelection(roles: ["webb"]), "--role: no host in hosts.conf has the role \"webb\"; did you mean \"web\"?"),
        (HostSelection(names: ["web1"], exceptions: ["web*"]), "--except leaves no host: drop it, or name other hosts"),
    ])
    func `what means no host is an error`(_ selection: HostSelection, _ message: String) {
        let error = #expect(throws: UsageError.self) { try selection.names(in: conf) }
        #expect(error?.description == message)
    }

    @Test func `a mistyped name or exception is unknown`() {
        #expect(throws: HostsConf.UnknownHost.self) { try HostSelection(names: ["web3"]).names(in: conf) }
        #expect(throws: HostsConf.UnknownHost.self) {
            try HostSelection(isEach: true, exceptions: ["db"]).names(in: conf)
        }
    }
}
