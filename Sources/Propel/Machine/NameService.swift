import Synchronization

/// Accounts that are not in the files of the machine: from LDAP, extrausers, winbind … (nsswitch.conf(5)).
///
/// A static program has no name service switch, so getent(1) is asked, by name and only if the machine has such a
/// source.
final class NameService: MachineFact {
    private let databases: Set<String>
    private let answers = Mutex<[String: String]>([:])

    private init(databases: Set<String>) { self.databases = databases }

    /// The sources that add nothing to the files. The users of systemd exist only while their service runs.
    private static let local: Set<String> = ["files", "compat", "systemd", "db", "cache"]

    static func read(from machine: Machine) async throws -> NameService {
        var databases: Set<String> = []
        let text =
            try machine.files.readIfPresent("/etc/nsswitch.conf").map { String(decoding: $0, as: UTF8.self) } ?? ""
        for line in text.lines {
            let words = line.before("#").split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard let name = words.first, name.hasSuffix(":") else { continue }
            let sources = words.dropFirst().filter { !$0.hasPrefix("[") && !$0.hasSuffix("]") }
            if sources.contains(where: { !local.contains(String($0)) }) { databases.insert(String(name.dropLast())) }
        }
        return NameService(databases: databases)
    }

    /// The entry of a name; empty if no source knows it.
    func entry(_ name: String, in database: String, on machine: Machine) async throws -> String {
        guard databases.contains(database) else { return "" }
        let key = "\(database) \(name)"
        if let known = answers.withLock({ $0[key] }) { return known }
        let command = Invocation("getent", ["--", database, name], timeout: .seconds(30))
        let result = try await machine.run(command)
        // 2: the name is not known (getent(1)).
        guard result.succeeded || result.ending == .exited(2) else {
            throw CommandFailure(command: command, result: result)
        }
        answers.withLock { $0[key] = result.text }
        return result.text
    }
}

extension Machine {
    /// The user with a name, from the files of the machine or from another source of its name service; nil if there is
    /// none.
    /// - Throws: ``CommandFailure`` if another source does not answer.
    public func user(_ name: String) async throws -> Accounts.User? {
        if let user = try await fact(Accounts.self).user(name) { return user }
        let entry = try await fact(NameService.self).entry(name, in: "passwd", on: self)
        return Accounts(passwd: entry, group: "").users.first
    }

    /// The group with a name, from the files of the machine or from another source of its name service; nil if there is
    /// none.
    /// - Throws: ``CommandFailure`` if another source does not answer.
    public func group(_ name: String) async throws -> Accounts.Group? {
        if let group = try await fact(Accounts.self).group(name) { return group }
        let entry = try await fact(NameService.self).entry(name, in: "group", on: self)
        return Accounts(passwd: "", group: entry).groups.first
    }
}
