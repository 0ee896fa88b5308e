/// The users and groups of the machine's own files (passwd(5), group(5), shadow(5)).
///
/// They are read from the files: a static program has no name service switch.
public struct Accounts: Fact, Equatable {
    public struct User: Sendable, Equatable {
        public var name: String
        public var id: UInt32
        /// The primary group.
        public var group: UInt32
        public var comment: String
        public var home: FilePath
        public var shell: String
    }

    public struct Group: Sendable, Equatable {
        public var name: String
        public var id: UInt32
        public var members: [String]
    }

    public var users: [User]
    public var groups: [Group]

    public init(passwd: String, group: String) {
        users = Self.records(passwd).compactMap { fields in
            guard fields.count >= 7, let id = UInt32(fields[2]), let group = UInt32(fields[3]) else { return nil }
            return User(
                name: String(fields[0]), id: id, group: group, comment: String(fields[4]), home: FilePath(String(fields[5])),
                shell: String(fields[6]))
        }
        groups = Self.records(group).compactMap { fields in
            guard fields.count >= 4, let id = UInt32(fields[2]) else { return nil }
            return Group(name: String(fields[0]), id: id, members: fields[3].split(separator: ",").map(String.init))
        }
    }

    public static func read(from machine: Machine) async throws -> Accounts {
        Accounts(passwd: try machine.files.text("/etc/passwd"), group: try machine.files.text("/etc/group"))
    }

    private static func records(_ text: String) -> [[Substring]] {
        text.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
    }

    public func user(_ name: String) -> User? { users.first { $0.name == name } }
    public func group(_ name: String) -> Group? { groups.first { $0.name == name } }

    /// The names of the groups that a user is in, the primary one among them.
    public func groups(of user: User) -> Set<String> {
        Set(groups.filter { $0.id == user.group || $0.members.contains(user.name) }.map(\.name))
    }
}
