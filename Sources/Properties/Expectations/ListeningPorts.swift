/// The ports on which the machine listens, as its kernel lists them (proc_net_tcp(5)).
enum ListeningPorts {
    /// The state of a TCP socket that listens, and of a UDP socket that is not connected.
    private static let states = ["tcp": "0A", "udp": "07"]

    static func isListening(_ port: Port, on machine: Machine) throws -> Bool {
        for suffix in ["", "6"] {
            let table = try machine.files.readIfPresent("/proc/net/\(port.transport)\(suffix)") ?? []
            for line in String(decoding: table, as: UTF8.self).nonEmptyLines.dropFirst() {
                // “0: 0100007F:0CEA 00000000:0000 0A …”: the local address, the remote one, the state.
                let words = line.split(separator: " ")
                guard words.count > 3, let digits = words[1].split(separator: ":").last else { continue }
                if UInt16(digits, radix: 16) == port.number, words[3] == states[port.transport] ?? "" { return true }
            }
        }
        return false
    }

    /// The reason why a port is not as expected; nil if something listens on it.
    static func complaint(about port: Port, on machine: Machine) async throws -> String? {
        if try isListening(port, on: machine) { return nil }
        guard port.transport == "tcp" else { return "nothing listens on port \(port)" }
        // What docker forwards with rules of netfilter alone has no socket in the list.
        do {
            _ = try await machine.dialer.exchange(
                [], with: "127.0.0.1", port: port.number, timeout: .seconds(5), isComplete: { _ in true })
            return nil
        } catch is Errno {
            return "nothing listens on port \(port)"
        }
    }
}
