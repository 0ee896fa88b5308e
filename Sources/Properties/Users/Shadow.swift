/// The password fields of shadow(5).
struct Shadow: MachineFact {
    private var fields: [String: String] = [:]

    static func read(from machine: Machine) async throws -> Shadow {
        Shadow(String(decoding: try machine.files.readIfPresent("/etc/shadow") ?? [], as: UTF8.self))
    }

    init(_ text: String) {
        for line in text.lines {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            if parts.count > 1, fields[String(parts[0])] == nil { fields[String(parts[0])] = String(parts[1]) }
        }
    }

    /// The password field of a user; nil if there is no such user.
    func password(of user: String) -> String? { fields[user] }
}
