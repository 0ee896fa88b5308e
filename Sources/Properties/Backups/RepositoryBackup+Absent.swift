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
        let unit = "\(program.rawValue)-\(id)", settings = FilePath("/etc/\(program.rawValue)")
        Timer.Absent(unit)
        Timer.Absent("\(unit)-check")
        File.Absent(FilePath("/usr/local/sbin").appending(FilePath.Component(escaping: unit)))
        // Whatever the name is, it is a directory in this one.
        Directory.Absent(settings.appending(FilePath.Component(escaping: id)), recursive: true)
    }
}
