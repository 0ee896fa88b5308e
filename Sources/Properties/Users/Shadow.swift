/// The password fields of shadow(5), and the days on which accounts expire.
struct Shadow: MachineFact {
    private var fields: [String: String] = [:]
    private var days: [String: Int] = [:]

    static func read(from machine: Machine) async throws -> Shadow {
        Shadow(String(decoding: try machine.files.readIfPresent("/etc/shadow") ?? [], as: UTF8.self))
    }

    init(_ text: String) {
        for line in text.lines {
            let parts = line.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count > 1, fields[String(parts[0])] == nil else { continue }
            fields[String(parts[0])] = String(parts[1])
            if parts.count > 7, let day = Int(parts[7]) { days[String(parts[0])] = day }
        }
    }

    /// The password field of a user; nil if there is no such user.
    func password(of user: String) -> String? { fields[user] }

    /// Whether a user has a password, locked or not. The field of one who never had any has only marks in it.
    func hasPassword(_ user: String) -> Bool { fields[user]?.contains { !"!*".contains($0) } ?? false }

    /// The day, counted from 1970-01-01, on which an account expires; nil for never.
    func expiry(of user: String) -> Int? { days[user] }
}
