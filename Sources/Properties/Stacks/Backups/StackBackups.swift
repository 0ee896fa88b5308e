/// The backups of a stack on a machine: the intact ones, the newest first, then the damaged ones.
///
/// Each is a directory in `/var/backups/propel/STACK` that only root can read.
struct StackBackups: Sendable {
    enum Entry: Sendable, Equatable {
        case whole(Backup)
        /// A backup that cannot be read, or a file of which is missing or has another size. It does not count, and is
        /// never removed.
        case damaged(id: String, reason: String)

        var id: String {
            switch self {
            case .whole(let backup): backup.id
            case .damaged(let id, _): id
            }
        }
    }

    let all: [Entry]

    init(of stack: Stack, on machine: Machine) throws {
        let directory = stack.backups
        guard try machine.files.status(of: directory)?.kind == .directory else {
            all = []
            return
        }
        // A backup that is being made or removed has a name that begins with a dot.
        var whole: [Backup] = [], damaged: [Entry] = []
        for id in try machine.files.list(directory).reversed() where !id.hasPrefix(".") {
            do {
                whole.append(try Self.read(id, of: stack, in: directory.appending(id), on: machine))
            } catch {
                damaged.append(.damaged(id: id, reason: Failure(describing: error).message))
            }
        }
        // The names of two of the same second tell which is the newer.
        all = whole.sorted { ($0.time, $0.id) > ($1.time, $1.id) }.map(Entry.whole) + damaged
    }

    /// The intact backups.
    var whole: [Backup] {
        all.compactMap { if case .whole(let backup) = $0 { backup } else { nil } }
    }

    /// - Throws: ``Failure`` if it does not exist or is damaged.
    func named(_ id: String, of stack: Stack) throws -> Backup {
        switch all.first(where: { $0.id == id }) {
        case .whole(let backup): return backup
        case .damaged(_, let reason):
            throw Failure(
                "the backup \(id) of \(stack.name) is damaged: \(reason)", advice: "Choose another one. \(listed)")
        case nil: throw Failure("\(stack.name) has no backup “\(id.escaped)”", advice: listed)
        }
    }

    private var listed: String {
        let whole = whole
        return whole.isEmpty
            ? "It has no backups." : "Its backups: \(whole.map { "\($0.id) (\($0.why))" }.joined(separator: ", "))."
    }

    static func read(_ id: String, of stack: Stack, in directory: FilePath, on machine: Machine) throws -> Backup {
        let description = directory.appending("backup.json")
        // It may be from another host.
        if let size = try machine.files.status(of: description)?.size, size > 1 << 20 {
            throw Failure("its backup.json is too large: \(size) bytes")
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
                throw Failure("\(file.name) has \(status.size) bytes instead of \(file.bytes)")
            }
        }
        return backup
    }
}

extension StackBackups {
    /// - Throws: ``Failure`` if a directory that has come from elsewhere has another file than these.
    static func refuseOtherFiles(in directory: FilePath, than names: [String], on machine: Machine) throws {
        guard let other = try machine.files.list(directory).first(where: { !names.contains($0) }) else { return }
        throw Failure("unexpected file \(directory.appending(other).string.escaped)")
    }

    /// Compares the files of a backup with their checksums.
    /// - Parameter directory: the directory with the files; that of the backup by default.
    /// - Throws: ``Failure`` if one has changed.
    static func verify(
        _ backup: Backup, in directory: FilePath? = nil, of stack: Stack, on machine: Machine
    ) async throws {
        let directory = directory ?? stack.backups.appending(backup.id)
        machine.showProgress("verifying the backup \(backup.id)")
        let sums = try await checksums(of: backup.files.map { directory.appending($0.name) }, on: machine)
        for file in backup.files where sums[directory.appending(file.name)] != file.sha256 {
            throw Failure(
                "the backup \(backup.id) of \(stack.name) is damaged: \(file.name) has a wrong checksum",
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
                "unexpected output of sha256sum: \(String(result.text.prefix(200)).escaped)"
            )
        }
        return sums
    }
}

extension Stack {
    /// The directory of its backups.
    var backups: FilePath { Self.allBackups.appending(escaping: name) }

    /// The directory of the backups of all stacks.
    static let allBackups: FilePath = "/var/backups/propel"
}

extension BackupRetention {
    /// The backups that need not be kept.
    ///
    /// The newest of each format of the data is kept: versions that know no later format can be rolled back to with it.
    /// - Parameter backups: all intact ones, the newest first.
    func unneeded(of backups: [Backup], at now: Timestamp) -> [Backup] {
        // ISO 8601 in UTC sorts by time.
        let limit = Timestamp(seconds: now.seconds - Int(age.components.seconds)).iso8601
        var formats: Set<Int?> = []
        return backups.enumerated().filter { index, backup in
            // A rollback never restores data of another host.
            let isNewestOfFormat = backup.origin == nil && formats.insert(backup.dataFormat).inserted
            return !isNewestOfFormat && index >= count && (age == .zero || backup.time < limit)
        }.map(\.element)
    }
}
