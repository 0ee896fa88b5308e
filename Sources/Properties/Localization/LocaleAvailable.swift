/// Locales (locale(7)): which ones the machine has, and which one it speaks.
public enum Locale {
    /// Locales that programs can use.
    ///
    ///     Locale.Available("en_GB.UTF-8", "de_DE.UTF-8")
    ///
    /// They are listed in `/etc/locale.gen`, so that they stay over upgrades, and made by `locale-gen`, without making those
    /// again that are there. The package `locales` is installed first. `C`, `POSIX` and `C.UTF-8` are always there.
    public struct Available: Property {
        public typealias Target = DebianLike

        /// As in `/usr/share/i18n/SUPPORTED`.
        public let names: [String]

        /// - Parameter names: as in `/usr/share/i18n/SUPPORTED`; `utf8` is taken for `UTF-8`.
        public init(_ names: String...) { self.init(names) }

        /// - Parameter names: as in `/usr/share/i18n/SUPPORTED`; `utf8` is taken for `UTF-8`.
        public init(_ names: [String]) { self.names = names.map { (try? LocaleName($0))?.canonical ?? $0 } }

        public var name: String { "locales available: \(names.map(\.escaped).joined(separator: ", "))" }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(
                at: place,
                requiring: names.allSatisfy { (try? LocaleName($0))?.isBuiltIn == true }
                    ? [] : [Apt.Installed("locales")])
        }

        public func check(on machine: Machine) async throws -> Check {
            let wanted = try wanted
            guard !wanted.isEmpty else { return .satisfied }
            let packages = try await machine.fact(DpkgStatus.self)
            guard packages.isInstalled("locales") else { return try checkWithoutPackage(wanted, on: machine) }
            let entries = try entries(of: wanted, on: machine)
            let archive = try await machine.fact(LocaleArchive.self)
            let missing = wanted.filter { !archive.names.contains($0.archived) }
            // The package locales-all has the data of all of them, and locale-gen nothing to do.
            let listed =
                packages.isInstalled("locales-all") ? Set(entries.values) : try LocaleGen.entries(on: machine) ?? []
            let unlisted = wanted.filter { !missing.contains($0) && !listed.contains(entries[$0] ?? "") }
            return .unmet(
                unlessEmpty: [
                    missing.isEmpty ? nil : "generate \(missing.map(\.canonical).joined(separator: ", "))",
                    unlisted.isEmpty
                        ? nil : "list \(unlisted.map(\.canonical).joined(separator: ", ")) in \(LocaleGen.path)",
                ].compactMap(\.self))
        }

        public func apply(on machine: Machine) async throws {
            let wanted = try wanted
            let entries = try entries(of: wanted, on: machine)
            let listed = try LocaleGen.entries(on: machine) ?? []
            if !listed.isSuperset(of: entries.values) {
                try machine.shared(LocaleGen.path).edit { LocaleGen.add(wanted.compactMap { entries[$0] }, to: &$0) }
            }
            let archive = try await machine.fact(LocaleArchive.self)
            if wanted.contains(where: { !archive.names.contains($0.archived) }) {
                // One locale takes a small machine a minute.
                try await machine.succeed(Invocation("locale-gen", ["--keep-existing"], timeout: .hours(1)))
            }
        }

        private var wanted: [LocaleName] {
            get throws { try names.map(LocaleName.init).filter { !$0.isBuiltIn } }
        }

        /// The package makes what is listed when it is installed, or what debconf was told to list.
        private func checkWithoutPackage(_ wanted: [LocaleName], on machine: Machine) throws -> Check {
            let listed = try LocaleGen.entries(on: machine)
            let mayCome =
                try listed.map { listed in
                    wanted.contains { name in listed.contains { $0.hasPrefix(name.canonical + " ") } }
                }
                ?? Debconf.knows("locales/locales_to_be_generated", on: machine)
            return mayCome
                ? .unknown(until: "locales is installed")
                : .unmet("generate \(wanted.map(\.canonical).joined(separator: ", "))")
        }

        /// The lines of locale.gen for the locales.
        private func entries(of wanted: [LocaleName], on machine: Machine) throws -> [LocaleName: String] {
            let supported = try LocaleGen.supported(on: machine)
            return try wanted.reduce(into: [:]) { entries, name in
                guard let charset = supported[name] else {
                    let near = supported.keys.filter { $0.language == name.language }.map(\.canonical).sorted()
                    throw Failure(
                        "there is no locale \(name.canonical)",
                        advice: near.isEmpty
                            ? "/usr/share/i18n/SUPPORTED on the machine lists those that there are."
                            : "Of \(name.language) there are \(near.joined(separator: ", ")).")
                }
                entries[name] = "\(name.canonical) \(charset)"
            }
        }
    }
}
