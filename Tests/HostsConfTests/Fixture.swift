import Propel
import Testing

@testable import HostsConf

let roles: [Role] = [
    role("demo", keys: []),
    role("pi", keys: ["swap", "labels"]),
    role("production", keys: ["domain", "ports"]),
    role("open", keys: ["s", "i", "n", "b", "l", "t", "ключ 1", "sub", "many", "x", "c", "d"]),
]

/// A role that reads these keys of an entry and has no properties.
func role(_ name: String, keys: Set<String>) -> Role { Role(name, runs: Debian.self, keys: keys) { _ in } }

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
