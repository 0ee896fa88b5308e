import Foundation
import Propel
import Testing

/// Hosts that are deployed with `--together`, each with a stack and a guarded change.
@Suite struct TogetherTests {
    private static let access = "/etc/ssh/sshd_config.d/10-versions.conf"

    @Test(.machines) func `hosts stay together and go back together`() async throws {
        let all = try await [VersionsMachine.up(), VersionsMachine.up(), VersionsMachine.up()]
        // All in the first one's configuration.
        let configuration = all[0].machine.configuration, names = all.map(\.machine.name)
        func deploy(_ hosts: [VersionsMachine], tag: Int, failing: String = "") async throws -> Answer {
            let entries = all.map { host in
                let isFailing = host.machine.name == failing
                return host.entry(tag: tag, keys: "access = true\n" + (isFailing ? "failing = true\n" : ""))
            }
            try configuration.write(hosts: entries.joined())
            return try await configuration.propel(hosts.map(\.machine.name) + ["--together", "--json"])
        }

        let first = try await deploy(all, tag: 1)
        #expect(first.status == 0, "\(first)")
        for host in all { try await expectVersion(1, host) }

        // Two are ready, and the third fails.
        let failed = try await deploy(all, tag: 2, failing: names[2])
        #expect(failed.status == 1, "\(failed)")
        for host in all.dropLast() {
            let name = host.machine.name
            let reports = try failed.lines.filter { $0["kind"] == "property" && $0["host"]?.string == name }
            let back = reports.compactMap { $0["failure"]?["message"]?.string }
            let reason = "put back, since \(names[2]) failed"
            #expect(back.count == 2 && back.allSatisfy { $0.hasPrefix(reason) }, "\(failed)")
            let line = try failed.lines.first { $0["kind"] == "host" && $0["host"]?.string == name }
            #expect(line?["result"] == "rolled-back", "\(failed)")
        }
        for host in all {
            try await expectVersion(1, host)
            // What cannot go back stays, and the report has said so.
            #expect(try await host.machine.ssh("cat /etc/versions.conf") == "version = 2")
        }
        #expect(failed.output.contains("only stacks and guarded changes can be"), "\(failed)")

        // The same two, without the third.
        let stayed = try await deploy(all.dropLast(), tag: 2)
        #expect(stayed.status == 0, "\(stayed)")
        for host in all.dropLast() { try await expectVersion(2, host) }
        try await expectVersion(1, all[2])
        let again = try await configuration.propel(names.dropLast() + ["--json"])
        #expect(try again.status == 0 && again.properties.allSatisfy { $0.status == .ok }, "\(again)")
    }

    /// The stack and the guarded change have this version, and wait for nobody.
    private func expectVersion(_ tag: Int, _ host: VersionsMachine) async throws {
        #expect(try await host.running() == "versions:\(tag)", "\(host.machine.name)")
        let sessions = try await host.machine.ssh("sshd -T | grep -i '^maxsessions'")
        #expect(sessions == "maxsessions \(tag == 2 ? 20 : 30)", "\(host.machine.name)")
        try await host.machine.expectNothingIsLeftOfTheGuard("version \(tag)")
        let images = try await host.machine.ssh("docker images --format '{{.Repository}}' | grep before || true")
        #expect(images == "", "what ran before is forgotten")
    }
}
