/// The backups of a stack that a machine has, the newest first, and the damaged ones after the others.
///
/// Each is a directory below `/var/backups/propel/STACK`, readable by root alone.
public struct StackBackups: Sendable {
    public enum Entry: Sendable, Equatable {
        case whole(Backup)
        /// It cannot be read, or a file of it is missing or has another size. It is neither counted nor removed.
        case damaged(id: String, reason: String)

        public var id: String {
            switch self {
            case .whole(let backup): backup.id
            case .damaged(let id, _): id
            }
        }
    }

    public let all: [Entry]

    public init(of stack: Stack, on machine: Machine) throws {
        let directory = stack.backups
        guard try machine.files.status(of: directory)?.kind == .directory else {
            all = []
            return
        }
        // A name that begins with a dot is one that is being made or removed.
        var whole: [Backup] = [], damaged: [Entry] = []
        for id in try machine.files.list(directory).reversed() where !id.hasPrefix(".") {
            do {
                whole.append(try Self.read(id, of: stack, in: directory.appending(id), on: machine))
            } catch {
                damaged.append(.damaged(id: id, reason: Failure(describing: error).message))
            }
        }
        // Two of one second have names that tell which is the newer.
        all = whole.sorted { ($0.time, $0.id) > ($1.time, $1.id) }.map(Entry.whole) + damaged
    }

    /// Those that have all that they say they have.
    public var whole: [Backup] {
        all.compactMap { if case .whole(let backup) = $0 { backup } else { nil } }
    }

    /// - Throws: ``Failure`` where there is none of that name, or it is damaged.
    func named(_ id: String, of stack: Stack) throws -> Backup {
        switch all.first(where: { $0.id == id }) {
        case .whole(let backup): return backup
        case .damaged(_, let reason):
            throw Failure(
                "the backup \(id) of \(stack.name) is damaged: \(reason)", advice: "Take another one. \(listed)")
        case nil: throw Failure("there is no backup \(id.escaped) of \(stack.name)", advice: listed)
        }
    }

    private var listed: String {
        let whole = whole
        return whole.isEmpty
            ? "There is none at all." : "There are \(whole.map { "\($0.id) (\($0.why))" }.joined(separator: ", "))."
    }

    static func read(_ id: String, of stack: Stack, in directory: FilePath, on machine: Machine) throws -> Backup {
        let description = directory.appending("backup.json")
        // It may have come from another host.
        if let size = try machine.files.status(of: description)?.size, size > 1 << 20 {
            throw Failure("its backup.json has \(size) bytes, and is none of Propel's")
        }
        guard let bytes = try machine.files.readIfPresent(description) else { throw Failure("it has no backup.json") }
        let backup: Backup
        do {
            backup = try Backup(try JSON(parsing: bytes))
        } catch {
            throw Failure("its backup.json cannot be read: \(Failure(describing: error).message)")
        }
        guard backup.id == id, backup.stack == stack.name else {
            throw Failure("it is the backup \(backup.id.escaped) of \(backup.stack.escaped)")
        }
        for file in backup.files {
            guard let status = try machine.files.status(of: directory.appending(file.name)), status.kind == .file else {
                throw Failure("\(file.name) is missing")
            }
            guard status.size == file.bytes else {
                throw Failure("\(file.name) has \(status.size) bytes, and had \(file.bytes)")
            }
        }
        return backup
    }
}

extension StackBackups {
    /// Compares the files of a backup with what they were.
    /// - Parameter directory: where they are; its own by default.
    /// - Throws: ``Failure`` where one is another by now.
    static func verify(
        _ backup: Backup, in directory: FilePath? = nil, of stack: Stack, on machine: Machine
    ) async throws {
        let directory = directory ?? stack.backups.appending(backup.id)
        machine.showProgress("verifying the backup \(backup.id)")
        let sums = try await checksums(of: backup.files.map { directory.appending($0.name) }, on: machine)
        for file in backup.files where sums[directory.appending(file.name)] != file.sha256 {
            throw Failure(
                "the backup \(backup.id) of \(stack.name) is damaged: \(file.name) is not what was written then",
                advice: "Nothing was changed. Take another backup.")
        }
    }

    /// The SHA-256 of each file.
    static func checksums(of files: [FilePath], on machine: Machine) async throws -> [FilePath: String] {
        guard !files.isEmpty else { return [:] }
        let result = try await machine.succeed(
            Invocation("sha256sum", ["--zero", "--"] + files.map(\.string), timeout: .hours(6)))
        var sums: [FilePath: String] = [:]
        for line in result.text.split(separator: "\0") {
            // The sum, two characters, the name.
            sums[FilePath(String(line.dropFirst(66)))] = String(line.prefix(64))
        }
        guard files.allSatisfy({ sums[$0]?.utf8.count == 64 }) else {
            throw Failure(
                "sha256sum tells of its files in words that are not understood: \(String(result.text.prefix(200)).escaped)"
            )
        }
        return sums
    }
}

extension Stack {
    /// Where its backups are.
    var backups: FilePath { FilePath("/var/backups/propel").appending(FilePath.Component(escaping: name)) }
}

extension BackupRetention {
    /// Those that need not be kept.
    ///
    /// Of each format of the data the newest stays: it is the way back to the versions that know no later format.
    /// - Parameter backups: the newest first.
    func unneeded(of backups: [Backup], at now: Timestamp) -> [Backup] {
        // ISO 8601 in UTC is in the order of time.
        let limit = Timestamp(seconds: now.seconds - Int(age.components.seconds)).iso8601
        var formats: Set<Int?> = []
        return backups.enumerated().filter { index, backup in
            // Data of another host are no way back.
            let isNewestOfFormat = backup.origin == nil && formats.insert(backup.dataFormat).inserted
            return !isNewestOfFormat && index >= count && (age == .zero || backup.time < limit)
        }.map(\.element)
    }
}
