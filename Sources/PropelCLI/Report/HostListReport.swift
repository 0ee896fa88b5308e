import HostsConf
import Propel

/// The answer of `propel hosts`: the machines of hosts.conf.
struct HostListReport: Report {
    var machines: [MachineEntry]

    var text: TextOutput {
        let rows = machines.map { machine in
            [machine.entry.name, machine.entry.role, machine.entry.tag ?? "-", machine.destination]
        }
        return TextOutput(lines: Table([["HOST", "ROLE", "TAG", "REACHED AS"]] + rows).lines)
    }

    var json: [JSON] {
        machines.map { machine in
            .line(
                "host",
                [
                    "host": .string(machine.entry.name), "role": .string(machine.entry.role),
                    "tag": machine.entry.tag.map(JSON.string), "sandbox": .bool(machine.sandbox != nil),
                    "keys": .object(machine.entry.keys),
                ])
        }
    }
}

extension MachineEntry {
    /// The ssh destination, such as `anna@192.0.2.1:22`.
    fileprivate var destination: String {
        if let sandbox { return "sandbox (\(sandbox.rawValue))" }
        return (connection.user.map { $0 + "@" } ?? "") + (connection.address ?? entry.name)
            + (connection.port.map { ":\($0)" } ?? "")
    }
}
