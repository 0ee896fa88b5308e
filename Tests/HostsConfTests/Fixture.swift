import Propel
import Testing

@testable import HostsConf

let roles: [HostsConf.Role] = [
    HostsConf.Role("demo", keys: []),
    HostsConf.Role("pi", keys: ["swap", "labels"]),
    HostsConf.Role("production", keys: ["domain", "ports"]),
    HostsConf.Role("open"),
]

func parse(_ text: String) throws -> HostsConf { try HostsConf(parsing: text, roles: roles) }

/// The lines of the error that `text` gives; empty where it is accepted.
func problems(in text: String) -> [String] {
    do {
        _ = try parse(text)
        return []
    } catch {
        return "\(error)".split(separator: "\n").map(String.init)
    }
}

let ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGsPnXD2dBwcs7nLvYdzRCkOWCWhK4t0ZcEFEZ5mW6bX"
