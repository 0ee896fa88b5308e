import Foundation

/// Whether the ssh server of a machine listens, at the machine's address.
///
/// That is looked up in the kernel's tables, not tried. sshd takes a connection that never logs in for an attack, and after
/// some of them it resets all that come from there (sshd_config(5), PerSourcePenalties, from OpenSSH 9.8 on).
enum SSHPort {
    /// - Parameter process: one in the machine's network name space, such as its init.
    static func isOpen(at address: String, seenBy process: pid_t) -> Bool {
        let addresses = readFile("/proc/\(process)/net/fib_trie") ?? ""
        guard addresses.split(separator: "\n").contains(where: { $0.hasSuffix("|-- \(address)") }) else { return false }
        return ["tcp", "tcp6"].contains { table in
            // proc(5): the local address and port, in hexadecimal, and the state of each socket; 0A is LISTEN.
            (readFile("/proc/\(process)/net/\(table)") ?? "").split(separator: "\n").contains { line in
                let fields = line.split(separator: " ")
                return fields.count > 3 && fields[1].hasSuffix(":0016") && fields[3] == "0A"
            }
        }
    }
}
