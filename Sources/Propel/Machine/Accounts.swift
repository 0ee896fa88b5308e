/// The users and groups in the files of the machine (passwd(5), group(5)).
///
/// Accounts of other sources, such as LDAP, are not in it: ``Machine/user(_:)`` and ``Machine/group(_:)`` find those
/// too.
public struct Accounts: MachineFact, Equatable {
    /// A line of passwd(5).
    public struct User: Sendable, Equatable {
        public var name: String
        /// The UID.
        public var id: UInt32
        /// The GID of the primary group.
        public var group: UInt32
        /// The GECOS field, commas included.
        public var comment: String
        public var home: FilePath
        public var shell: String
    }

    /// A line of group(5).
    public struct Group: Sendable, Equatable {
        public var name: String
        /// The GID.
        public var id: UInt32
        /// The names of the members, without the users whose primary group it is.
        public var members: [String]
    }

    /// In the order of the file. Malformed lines are skipped.
    public var users: [User]
    /// In the order of the file. Malformed lines are skipped.
    public var groups: [Group]

    /// - Parameters:
    ///   - passwd: the text of `/etc/passwd`.
    ///   - group: the text of `/etc/group`.
    public init(passwd: String, group: String) {
        users = Self.records(passwd).compactMap { fields in
            guard fields.count >= 7, let id = UInt32(fields[2]), let group = UInt32(fields[3]) else { return nil }
            return User(
                name: String(fields[0]), id: id, group: group, comment: String(fields[4]),
                home: FilePath(String(fields[5])),
                shell: String(fields[6]))
        }
        groups = Self.records(group).compactMap { fields in
            guard fields.count >= 4, let id = UInt32(fields[2]) else { return nil }
            return Group(name: String(fields[0]), id: id, members: fields[3].split(separator: ",").map(String.init))
        }
    }

    /// - Throws: ``FileError`` if one of the files cannot be read.
    public static func read(from machine: Machine) async throws -> Accounts {
        Accounts(passwd: try machine.files.text("/etc/passwd"), group: try machine.files.text("/etc/group"))
    }

    /// As bytes: to Swift a colon is another Character if a field after it begins with a combining mark, and users set
    /// their own comment (chfn(1)).
    private static func records(_ text: String) -> [[Substring]] {
        text.lines.map { line in
            line.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { Substring($0) }
        }
    }

    /// The user with a name; nil if the file has none.
    public func user(_ name: String) -> User? { users.first { $0.name == name } }
    /// The group with a name; nil if the file has none.
    public func group(_ name: String) -> Group? { groups.first { $0.name == name } }

    /// The names of the groups of a user, including the primary one.
    public func groups(of user: User) -> Set<String> {
        Set(groups.filter { $0.id == user.group || $0.members.contains(user.name) }.map(\.name))
    }
}
