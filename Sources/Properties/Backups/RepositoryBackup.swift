/// Backups into a repository, by restic or Borg: what both have in common.
struct RepositoryBackup: Sendable, Hashable {
    enum Program: String, Sendable {
        case restic, borg

        var package: String { self == .restic ? "restic" : "borgbackup" }
        var executable: FilePath { FilePath("/usr/bin/\(rawValue)") }
    }

    var program: Program
    var id: String
    var repository: Content
    var password: Secret
    var paths: [FilePath]
    var excluded: [String]
    var environment: [String: Content]
    var calendar: String
    var keep: SnapshotRetention
    var before: String
    var after: String
    var checkCalendar: String?
    var restoreTest: [FilePath]
    var maximumAge: Duration?
    var mountPoint: FilePath?

    /// The times in the names of Borg's archives, for a pattern: another backup may be called “photos-old”.
    static let anyTime = "????-??-??T??:??:??"

    var places: BackupPlaces { BackupPlaces(program: program, id: id) }
    var unit: String { places.unit }
    var directory: FilePath { places.directory }
    var command: FilePath { places.command }
    var stamp: FilePath { places.stamp }

    var files: [File] {
        var files = [
            File(directory.appending("repository"), "\(repository)\n", mode: 0o600),
            File(directory.appending("password"), Content(password), mode: 0o600),
            File(command, Content(commandText), mode: 0o700),
            File(directory.appending("backup"), Content(backupText), mode: 0o700),
        ]
        if checkCalendar != nil { files.append(File(directory.appending("check"), Content(checkText), mode: 0o700)) }
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            files.append(File(directory.appending("environment").appending(name), value, mode: 0o600))
        }
        return files
    }

    @PropertyBuilder<DebianLike> var body: [Declaration] {
        Checked(backup: self)
        Apt.Installed(program.package)
        Directory(FilePath("/etc/\(program.rawValue)"), mode: 0o700)
        Directory(directory, mode: 0o700)
        Directory(directory.appending("environment"), mode: 0o700)
        for file in files { file }
        // A path that is missing is a failure, and there may be no backup of a stack yet.
        if paths.contains(Stack.allBackups) { Directory(Stack.allBackups, mode: 0o700) }
        RepositoryInitialized(backup: self)
        Timer(
            unit, onCalendar: calendar, directory.appending("backup").string, randomizedDelay: .minutes(10),
            settings: Self.settings)
        if let checkCalendar {
            Timer(
                "\(unit)-check", onCalendar: checkCalendar, directory.appending("check").string,
                randomizedDelay: .minutes(10), settings: Self.settings)
        }
        if let maximumAge {
            RecentBackup(backup: self, maximumAge: maximumAge).requires(RepositoryInitialized(backup: self))
        }
    }

    /// Everything else on the machine goes first.
    private static let settings = "Nice=10\nIOSchedulingClass=idle"

    /// The problems of the parameters; it has no state on the machine.
    struct Checked: Property {
        typealias Target = DebianLike
        let backup: RepositoryBackup

        var name: String { "parameters" }
        var claims: [Claim] { [Claim("the backup \(backup.unit)", is: "declared")] }
        var problems: [String] { problems(in: backup.validate) }
        func check(on machine: Machine) async throws -> Check {
            try backup.validate()
            return .satisfied
        }
        func apply(on machine: Machine) async throws { try backup.validate() }
    }

    func validate() throws {
        try places.validate()
        if let bytes = repository.bytes {
            guard !bytes.isEmpty, bytes.first != UInt8(ascii: "-"), !bytes.contains(where: { $0 < 0x20 }) else {
                throw Failure("invalid repository of the backup \(id)", advice: "Write a path or an address.")
            }
        }
        guard !paths.isEmpty else { throw Failure("the backup \(id) has no paths", advice: "Name some.") }
        for path in paths + restoreTest + [mountPoint].compactMap(\.self) {
            guard path.isAbsolute, !path.string.utf8.contains(where: { $0 < 0x20 }) else {
                throw Failure(
                    "“\(path.string.escaped)” of the backup \(id) is not an absolute path",
                    advice: "Write it from the root on.")
            }
        }
        for text in excluded where text.isEmpty || text.utf8.contains(where: { $0 < 0x20 }) {
            throw Failure("invalid pattern “\(text.escaped)” of the backup \(id)")
        }
        for name in environment.keys.sorted() {
            guard name.utf8.first?.isASCIIDigit == false,
                name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") })
            else { throw Failure("invalid name of a variable “\(name.escaped)” of the backup \(id)") }
        }
        guard ![before, after].contains(where: { $0.utf8.contains(0) }) else {
            throw Failure("a command of the backup \(id) has a NUL in it")
        }
        try keep.validate(id)
        if let maximumAge, maximumAge <= .zero { throw Failure("the backup \(id) can never be recent enough") }
    }
}
