extension Restic {
    /// No backups of that name: their timers, command, settings and password go from the machine.
    ///
    ///     Restic.Absent("photos")
    ///
    /// The repository stays, with all backups in it. Its password is a secret of Propel, which stays too: without it
    /// nobody can restore anything.
    public struct Absent: CompositeProperty {
        public typealias Target = DebianLike

        public let id: String

        /// - Parameter id: the name.
        public init(_ id: String) { self.id = id }

        public var name: String { "no restic \(id)" }
        public var body: [Declaration] { RepositoryBackup.absence(of: .restic, id) }
    }
}

extension Borg {
    /// No backups of that name: their timers, command, settings and password go from the machine.
    ///
    ///     Borg.Absent("photos")
    ///
    /// The repository stays, with all backups in it. Its password is a secret of Propel, which stays too: without it
    /// nobody can restore anything.
    public struct Absent: CompositeProperty {
        public typealias Target = DebianLike

        public let id: String

        /// - Parameter id: the name.
        public init(_ id: String) { self.id = id }

        public var name: String { "no borg \(id)" }
        public var body: [Declaration] { RepositoryBackup.absence(of: .borg, id) }
    }
}

extension RepositoryBackup {
    /// The opposite of a backup: nothing of it is left but the repository.
    @PropertyBuilder<DebianLike> static func absence(of program: Program, _ id: String) -> [Declaration] {
        let places = BackupPlaces(program: program, id: id)
        Timer.Absent(places.unit)
        Timer.Absent("\(places.unit)-check")
        File.Absent(places.command)
        Directory.Absent(places.directory, recursive: true)
        BackupForgotten(places: places)
    }
}

/// Nothing is remembered of a backup: another one of the name looks for its repository first.
struct BackupForgotten: Property {
    typealias Target = DebianLike

    let places: BackupPlaces

    var name: String { "no records" }
    var claims: [Claim] { [Claim("the backup \(places.unit)", is: "absent")] }
    var problems: [String] { problems(in: places.validate) }

    private var files: [FilePath] { [places.stamp, places.record, places.lock] }

    func check(on machine: Machine) async throws -> Check {
        try places.validate()
        return try files.contains { try machine.files.status(of: $0) != nil }
            ? .unmet("forget its last success and its repository") : .satisfied
    }

    func apply(on machine: Machine) async throws {
        try places.validate()
        for file in files { try machine.files.remove(file) }
    }
}
