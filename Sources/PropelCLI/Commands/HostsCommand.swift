import ArgumentParser
import Foundation
import HostsConf
import Propel

struct HostsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "hosts", abstract: "List the machines of hosts.conf.")

    @Flag(name: .long, help: "One JSON object a line.")
    var json = false

    func run() async throws {
        try await reportingProblems {
            let machines = try await Checkout.open().hostsConf.hosts
            if json {
                for machine in machines { Terminal.output.print(machine.json.description) }
                return
            }
            let rows =
                [["HOST", "ROLE", "TAG", "REACHED AS"]]
                + machines.map { machine in
                    [machine.entry.name, machine.entry.role, machine.entry.tag ?? "-", machine.reachedAs]
                }
            Table(rows).print()
        }
    }
}

extension MachineEntry {
    fileprivate var reachedAs: String {
        if let sandbox { return "sandbox (\(sandbox.rawValue))" }
        return (connection.user.map { $0 + "@" } ?? "") + (connection.address ?? entry.name)
            + (connection.port.map { ":\($0)" } ?? "")
    }

    fileprivate var json: JSON {
        var members: [String: JSON] = [
            "version": .integer(JSONReporter.version), "kind": "host", "host": .string(entry.name),
            "role": .string(entry.role),
            "sandbox": .bool(sandbox != nil), "keys": .object(entry.keys),
        ]
        if let tag = entry.tag { members["tag"] = .string(tag) }
        return .object(members)
    }
}
