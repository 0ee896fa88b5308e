extension Locale {
    /// Locales that programs cannot use: they take up space, and slow down upgrades of the C library.
    ///
    ///     Locale.Absent("de_DE.UTF-8", "fr_FR.UTF-8")
    ///
    /// Their lines in `/etc/locale.gen` become comments, and their data is removed; nothing is generated again. The
    /// default locale of the machine is never removed: declare another one before, with ``Locale/Default``.
    public struct Absent: Property {
        public typealias Target = DebianLike

        /// As in `/usr/share/i18n/SUPPORTED`.
        public let names: [String]

        /// - Parameter names: as in `/usr/share/i18n/SUPPORTED`; `utf8` means `UTF-8`. `C`, `POSIX` and `C.UTF-8` are
        ///   parts of the C library.
        public init(_ names: String...) { self.names = names.map { (try? LocaleName($0))?.canonical ?? $0 } }

        public var name: String { "no locale \(names.map(\.escaped).joined(separator: ", "))" }
        public var claims: [Claim] { names.map { Claim("the locale \($0)", is: "absent") } }
        public var problems: [String] { problems { _ = try unwanted() } }

        /// - Throws: ``Undetermined`` while one is the default locale; ``Failure`` if a package has all locales.
        public func check(on machine: Machine) async throws -> Check {
            let unwanted = try unwanted()
            let listed = try listed(unwanted, on: machine), present = try await present(unwanted, on: machine)
            guard !listed.isEmpty || !present.isEmpty else {
                // The package generates those that its questions name.
                try machine.awaitPackages()
                return .satisfied
            }
            try await refuseUsed(unwanted, machine)
            return .unmet(
                unlessEmpty: [
                    present.isEmpty ? nil : "remove \(Self.words(present))",
                    listed.isEmpty ? nil : "no longer list \(Self.words(listed)) in \(LocaleGen.path)",
                ].compactMap(\.self))
        }

        public func apply(on machine: Machine) async throws {
            let unwanted = try unwanted()
            try await refuseUsed(unwanted, machine)
            // First what would generate them again.
            if try !listed(unwanted, on: machine).isEmpty {
                try machine.shared(LocaleGen.path).edit { LocaleGen.remove(Set(unwanted), from: &$0) }
            }
            let archive = try await machine.fact(LocaleArchive.self), kept = try await keptNames(on: machine)
            var gone: Set<String> = []
            for name in try await present(unwanted, on: machine) {
                let directory = LocaleArchive.directory.appending(name.archived)
                if try machine.files.status(of: directory)?.kind == .directory {
                    try machine.files.removeTree(directory)
                    continue
                }
                // As long as one of its names is left, its data is. Last the one by which it is found.
                let others = archive.otherNames(of: name.archived)
                let names = (kept.isDisjoint(with: others) ? others : []) + [name.archived]
                for one in names where gone.insert(one).inserted {
                    try await machine.run("localedef", "--delete-from-archive", one)
                }
            }
        }

        /// The names in the archive of locales that are listed, or the default.
        private func keptNames(on machine: Machine) async throws -> Set<String> {
            let listed = (try LocaleGen.entries(on: machine) ?? []).compactMap { $0.split(separator: " ").first }
            let names = listed.map(String.init) + (try await Locale.Default.values(on: machine))
            return Set(names.compactMap { try? LocaleName($0).archived })
        }

        private static func words(_ names: [LocaleName]) -> String {
            names.map(\.canonical).joined(separator: ", ")
        }

        private func unwanted() throws -> [LocaleName] {
            guard !names.isEmpty else { throw Failure("no locale is named", advice: "Name one: de_DE.UTF-8.") }
            return try names.map { text in
                let name = try LocaleName(text)
                guard !name.isBuiltIn else {
                    throw Failure("the locale \(text) is a part of the C library", advice: "Leave it where it is.")
                }
                return name
            }
        }

        private func listed(_ unwanted: [LocaleName], on machine: Machine) throws -> [LocaleName] {
            let entries = try LocaleGen.entries(on: machine) ?? []
            return unwanted.filter { name in entries.contains { $0.hasPrefix(name.canonical + " ") } }
        }

        private func present(_ unwanted: [LocaleName], on machine: Machine) async throws -> [LocaleName] {
            let archive = try await machine.fact(LocaleArchive.self)
            return unwanted.filter { archive.names.contains($0.archived) }
        }

        /// - Throws: ``Undetermined`` while one is the default locale; ``Failure`` if something has all locales.
        private func refuseUsed(_ unwanted: [LocaleName], _ machine: Machine) async throws {
            guard try await !machine.fact(DpkgStatus.self).isInstalled("locales-all") else {
                throw Failure("the package locales-all has all locales", advice: "Declare Apt.Absent(\"locales-all\").")
            }
            guard try machine.files.status(of: LocaleGen.path)?.kind != .link else {
                throw Failure(
                    "\(LocaleGen.path) is a link to the list of all locales", advice: "Remove it, then run again.")
            }
            for value in try await Locale.Default.values(on: machine) {
                guard let used = try? LocaleName(value), unwanted.contains(used) else { continue }
                throw Undetermined(until: "another locale than \(used.canonical) is the default")
            }
        }
    }
}
