extension Directory {
    /// No files of certain names in a directory, or none of them that is old.
    ///
    ///     Directory.FilesAbsent("/etc/apt/sources.list.d", matching: "*docker*.list")
    ///     Directory.FilesAbsent("/etc/caddy/sites", matching: "*.conf", except: ["shop.conf", "wiki.conf"])
    ///     Directory.FilesAbsent("/var/backups/app", matching: "*.tar.gz", olderThan: .days(30))
    ///
    /// Files that other properties of the host declare stay, and so do directories and what is below them. The files
    /// are kept first, so that a revert restores them; those of which age decides are not. A plan names them.
    ///
    /// A directory with the files of one of the repository, and no others, is `Directory(…, from:, purge: true)`;
    /// ``Tmpfiles`` removes old files every day.
    public struct FilesAbsent: Revertible {
        public typealias Target = UnixLike

        public let path: FilePath
        public let pattern: String
        public let exceptions: [String]
        /// The age from which on files are removed; nil for all of them.
        public let age: Duration?
        /// The paths in the directory that other properties of the host declare.
        var spared: Set<String> = []

        /// - Parameters:
        ///   - path: absolute: the directory. A missing one has no files.
        ///   - pattern: the names, with `*` for any characters and `?` for one.
        ///   - names: names that stay though they match; none by default.
        ///   - age: the time since their last change from which on they are removed; whatever it is by default.
        public init(
            _ path: FilePath, matching pattern: String, except names: [String] = [], olderThan age: Duration? = nil
        ) {
            self.path = path
            self.pattern = pattern
            exceptions = names
            self.age = age
        }

        public var name: String {
            let besides = exceptions.isEmpty ? "" : " besides \(exceptions.joined(separator: ", "))"
            return "no files \(pattern)\(besides) in \(path)" + (age.map { ", older than \($0.inWords)" } ?? "")
        }
        public var claims: [Claim] {
            [Claim("the files \(pattern) in \(path.lexicallyNormalized())", is: "absent \(exceptions) \(ageInSeconds)")]
        }
        private var ageInSeconds: String { age.map { "\(Int($0.inSeconds))" } ?? "" }
        public var problems: [String] { problems(in: validate) }

        /// - Throws: ``Undetermined`` if packages are yet to be installed that may bring such files; ``Failure`` if the
        ///   path is not a directory.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let found = try found(on: machine)
            guard !found.isEmpty else {
                if age == nil { try machine.awaitPackages(for: path) }
                return .satisfied
            }
            let names = found.prefix(5).map { $0.lastComponent?.string.escaped ?? "" }.joined(separator: ", ")
            return .unmet("remove \(names)" + (found.count > 5 ? " and \(found.count - 5) more" : ""))
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            for path in try found(on: machine) {
                if age == nil { try machine.originals.keep(path) }
                try machine.files.remove(path)
            }
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try validate()
            return try machine.checkRestored(try removed(on: machine))
        }

        public func revert(on machine: Machine) async throws {
            for path in try removed(on: machine) { try machine.originals.restore(path) }
        }

        private func found(on machine: Machine) throws -> [FilePath] {
            guard let status = try machine.files.status(of: path) else { return [] }
            guard status.kind == .directory else {
                throw Failure(
                    "\(path) is a \(status.kind.rawValue), and no directory with files",
                    advice: status.kind == .link ? "Name the directory that it points to." : "Name a directory.")
            }
            let directory = path.lexicallyNormalized()
            return try machine.files.list(path).filter(isMeant).map { directory.appending($0) }.filter { path in
                guard !spared.contains(path.string), let file = try machine.files.status(of: path) else { return false }
                let isOld = age.map { machine.now.seconds - file.modified.seconds > Int($0.inSeconds) } ?? true
                return isOld && (file.kind == .file || file.kind == .link)
            }
        }

        /// The files that were removed: those that were there before Propel first decided about them.
        private func removed(on machine: Machine) throws -> [FilePath] {
            guard age == nil else { return [] }
            let directory = path.lexicallyNormalized()
            return try machine.originals.paths.filter { path in
                guard path.removingLastComponent() == directory, let name = path.lastComponent?.string, isMeant(name)
                else { return false }
                return try !spared.contains(path.string) && !machine.originals.wasAbsent(path)
            }
        }

        private func isMeant(_ name: String) -> Bool { name.matches(pattern: pattern) && !exceptions.contains(name) }

        private func validate() throws {
            try validateAbsolute(path)
            for name in [pattern] + exceptions
            where name.isEmpty || name.utf8.contains(where: { $0 == 0 || $0 == 0x2F }) {
                throw Failure(
                    "invalid name of files “\(name.escaped)” in \(path)", advice: "Write a name without a path.")
            }
            let isEverything = pattern.utf8.allSatisfy { "*?".utf8.contains($0) }, normal = path.lexicallyNormalized()
            guard !isEverything || normal.components.count > 1 || !Directory.Absent.essential.contains(normal.string),
                normal != "/"
            else {
                throw Failure("no system runs without the files of \(path)", advice: "Name a directory in it.")
            }
            if let age, age <= .zero {
                throw Failure("files of \(path) are never older than \(age.inWords)", advice: "Use .days(30).")
            }
        }
    }
}

extension Directory.FilesAbsent: HostDependent {
    /// Spares what other properties of the host declare in the directory.
    public func adapted(to steps: [Step]) -> Directory.FilesAbsent {
        let directory = path.lexicallyNormalized()
        var adapted = self
        adapted.spared = Set(
            steps.flatMap(\.claims).filter { !["absent", "reverted"].contains($0.state) }.compactMap(\.path).filter {
                $0.removingLastComponent() == directory
            }.map(\.string))
        return adapted
    }
}

extension String {
    /// Whether the string is of a form, in which `*` stands for any characters and `?` for one.
    func matches(pattern: String) -> Bool {
        let name = Array(unicodeScalars), pattern = Array(pattern.unicodeScalars)
        var index = 0, position = 0
        // The last `*`, and where what it stands for ends.
        var star: (position: Int, index: Int)?
        while index < name.count {
            if position < pattern.count, pattern[position] == "?" || pattern[position] == name[index] {
                if pattern[position] != "*" {
                    index += 1
                    position += 1
                    continue
                }
            }
            if position < pattern.count, pattern[position] == "*" {
                star = (position, index)
                position += 1
            } else if let last = star {
                star = (last.position, last.index + 1)
                position = last.position + 1
                index = last.index + 1
            } else {
                return false
            }
        }
        return pattern[position...].allSatisfy { $0 == "*" }
    }
}
