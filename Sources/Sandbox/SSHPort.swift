import Foundation
import PlainText

/// The ssh port of a machine.
///
/// It is not connected to. For sshd, a connection without a login is an attack, and after some of them it resets all
/// connections from that address (sshd_config(5), PerSourcePenalties, since OpenSSH 9.8).
enum SSHPort {
    /// Whether a server listens on port 22, or sshd on the port that it was configured for.
    /// - Parameter process: One in the network namespace of the machine, such as its init.
    static func isOpen(at address: String, seenBy process: pid_t) -> Bool {
        let addresses = readFile("/proc/\(process)/net/fib_trie") ?? ""
        guard addresses.nonEmptyLines.contains(where: { $0.hasSuffix("|-- \(address)") }) else { return false }
        if isServed(bySSHDOf: process) { return true }
        return ["tcp", "tcp6"].contains { table in
            // proc(5): the local address and port, in hexadecimal, and the state of each socket; 0A is LISTEN.
            (readFile("/proc/\(process)/net/\(table)") ?? "").nonEmptyLines.contains { line in
                let fields = line.split(separator: " ")
                return fields.count > 3 && fields[1].hasSuffix(":0016") && fields[3] == "0A"
            }
        }
    }

    /// Whether sshd has written its PID, which it does once it listens (sshd_config(5), PidFile), and still runs.
    ///
    /// The tables of sockets take five milliseconds and more, since the kernel goes through its whole hash table of
    /// connections for them.
    private static func isServed(bySSHDOf process: pid_t) -> Bool {
        let root = "/proc/\(process)/root"
        guard let text = readFile("\(root)/run/sshd.pid"), let server = pid_t(text.trimmed) else { return false }
        return readFile("\(root)/proc/\(server)/comm")?.trimmed == "sshd"
    }
}
