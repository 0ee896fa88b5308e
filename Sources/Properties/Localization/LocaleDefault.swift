extension Locale {
    /// The default locale of programs (locale(7), locale.conf(5)). Users may choose another.
    ///
    ///     Locale.Default("en_GB.UTF-8")
    ///     Locale.Default("en_GB.UTF-8", lc: ["LC_PAPER": "de_DE.UTF-8"], language: "en_GB:en")
    ///
    /// The locales are made available first. The file is `/etc/default/locale`, or `/etc/locale.conf` since Debian 13.
    /// The property decides `LANG`, `LANGUAGE` and every `LC_` variable in it: those that are not declared are removed.
    /// Open sessions keep their locale.
    public struct Default: Revertible {
        public typealias Target = DebianLike

        /// `LANG`.
        public let lang: String
        /// Locales of categories that differ from `LANG`.
        public let lc: [String: String]
        /// `LANGUAGE`: the languages of messages, the preferred one first, separated by colons.
        public let language: String?

        /// - Parameters:
        ///   - lang: such as `en_GB.UTF-8`; `utf8` means `UTF-8`.
        ///   - lc: by category: `["LC_TIME": "en_DK.UTF-8"]`. `LC_ALL` is not one of them.
        ///   - language: such as `en_GB:en`; not set by default.
        public init(_ lang: String, lc: [String: String] = [:], language: String? = nil) {
            self.lang = Self.canonical(lang)
            self.lc = lc.mapValues(Self.canonical)
            self.language = language
        }

        private static func canonical(_ name: String) -> String { (try? LocaleName(name))?.canonical ?? name }

        public var name: String { "default locale \(assignments.map(\.value.escaped).joined(separator: ", "))" }
        public var claims: [Claim] {
            [Claim("the default locale", is: assignments.map { "\($0.key)=\($0.value)" }.joined(separator: " "))]
        }
        public var problems: [String] { problems(in: validate) }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Available(Set([lang] + lc.values).sorted())])
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let path = try await Self.location(on: machine)
            let file = try machine.files.readIfPresent(path)
            if file == nil, try !(await machine.fact(DpkgStatus.self).isInstalled("locales")),
                try DebconfDatabase(on: machine).answer(to: "locales/default_environment_locale") != nil
            {
                return .unknown(until: "locales is installed")
            }
            return .unmet(unlessEmpty: differences(of: TextLines(file ?? [])))
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try machine.shared(try await Self.location(on: machine)).edit(set)
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try machine.checkRestored([try await Self.location(on: machine)])
        }

        public func revert(on machine: Machine) async throws {
            try machine.originals.restore(try await Self.location(on: machine))
        }

        private static let categories: Set<String> = [
            "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY", "LC_MESSAGES", "LC_PAPER", "LC_NAME",
            "LC_ADDRESS",
            "LC_TELEPHONE", "LC_MEASUREMENT", "LC_IDENTIFICATION",
        ]

        /// The variables in the order in which they are written.
        private var assignments: [(key: String, value: String)] {
            [("LANG", lang)] + (language.map { [("LANGUAGE", $0)] } ?? []) + lc.sorted { $0.key < $1.key }
        }

        private func validate() throws {
            for value in [lang] + lc.values { _ = try LocaleName(value) }
            if let category = lc.keys.sorted().first(where: { !Self.categories.contains($0) }) {
                throw Failure(
                    "invalid locale category “\(category.escaped)”",
                    advice: "Use one of \(Self.categories.sorted().joined(separator: ", ")).")
            }
            if let language {
                let languages = language.split(separator: ":", omittingEmptySubsequences: false)
                guard languages.allSatisfy({ (try? LocaleName(String($0))) != nil }) else {
                    throw Failure("invalid list of languages “\(language.escaped)”", advice: "Write it as en_GB:en.")
                }
            }
        }

        /// Debian 13 uses the path of systemd, with a link to it at the old one.
        private static func location(on machine: Machine) async throws -> FilePath {
            let old: FilePath = "/etc/default/locale", new: FilePath = "/etc/locale.conf"
            switch try machine.files.status(of: old)?.kind {
            case .link:
                let destination = try machine.files.destination(ofLink: old)
                guard FilePath("/etc/default").pushing(FilePath(destination)).lexicallyNormalized() == new else {
                    throw Failure(
                        "\(old) is a link to \(destination)", advice: "Remove the link, or let it point to \(new).")
                }
                return new
            case nil:
                let system = try await machine.fact(OperatingSystem.self)
                return Debian.includes(system) && system.release.map { $0 >= 13 } ?? true ? new : old
            default: return old
            }
        }

        /// The locales that are the default on the machine now, for all categories.
        static func values(on machine: Machine) async throws -> [String] {
            let lines = TextLines(try machine.files.readIfPresent(try await location(on: machine)) ?? [])
            return lines.indices.compactMap { assignment(lines[$0]) }.filter { $0.key != "LANGUAGE" }.map(\.value)
        }

        private func differences(of lines: TextLines) -> [String] {
            var present: [String: [String]] = [:]
            for index in lines.indices {
                if let (key, value) = Self.assignment(lines[index]) { present[key, default: []].append(value) }
            }
            var differences: [String] = []
            for (key, value) in assignments {
                let found = present.removeValue(forKey: key) ?? []
                if found != [value] { differences.append("\(key) \(found.last ?? "unset") → \(value)") }
            }
            return differences + present.keys.sorted().map { "\($0) \(present[$0]?.last ?? "") → unset" }
        }

        private func set(_ lines: inout TextLines) {
            var missing = assignments
            var surplus: [Int] = []
            for index in lines.indices {
                guard let (key, value) = Self.assignment(lines[index]) else { continue }
                if let position = missing.firstIndex(where: { $0.key == key }) {
                    let wanted = missing.remove(at: position).value
                    if wanted != value { lines.replace(index, with: "\(key)=\(wanted)") }
                } else {
                    surplus.append(index)
                }
            }
            lines.remove(surplus)
            for (key, value) in missing { lines.append("\(key)=\(value)") }
        }

        /// The locale variable that a line sets, and its value without quotes.
        private static func assignment(_ line: String) -> (key: String, value: String)? {
            let line = line.trimmed
            guard let (left, right) = line.parts(around: "=") else { return nil }
            let key = String(left)
            guard key == "LANG" || key == "LANGUAGE" || key.hasPrefix("LC_") else { return nil }
            var value = String(right)
            if let quote = value.first, "\"'".contains(quote), value.count >= 2, value.last == quote {
                value = String(value.dropFirst().dropLast())
            }
            return (key, value)
        }
    }
}
