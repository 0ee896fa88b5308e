extension Postgres {
    /// Settings of the server, in a drop-in (`/etc/postgresql/VERSION/NAME/conf.d`).
    ///
    ///     Postgres.Settings(["shared_buffers": "512MB", "listen_addresses": "localhost, 10.0.0.5"])
    ///
    /// The server must accept the values before they are put in place. It reads them at once, and is restarted only if
    /// one of them counts after a restart alone, which the plan says. If it does not start with them, it gets its
    /// former ones back, and the property fails.
    public struct Settings: Revertible {
        public typealias Target = DebianLike

        public let values: [String: String]
        public let id: String

        /// - Parameters:
        ///   - values: the values by the names of the settings, without quotes. Secrets do not belong here.
        ///   - id: the name of the drop-in: letters, digits, `-` and `_`; `propel` by default. Later names win.
        public init(_ values: [String: String], id: String = "propel") {
            self.values = Dictionary(values.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
            self.id = id
        }

        public var name: String { "PostgreSQL settings\(id == "propel" ? "" : " \(id)")" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] {
            values.sorted { $0.key < $1.key }.map { Claim("the PostgreSQL setting \($0.key)", is: $0.value) }
        }

        private var names: [String] { values.keys.sorted() }
        private var text: String {
            names.map { "\($0) = '\(Escaping.doubling("'").escape(values[$0] ?? ""))'\n" }.joined()
        }

        /// - Throws: ``Failure`` if another file outranks a value.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let server = try await machine.fact(PostgresServer.self), file = file(of: server.cluster)
            let wanted = Array(text.utf8), present = try machine.files.readIfPresent(file)
            guard present == wanted, let status = try machine.files.status(of: file) else {
                let former = present ?? []
                return .unmet(try reason("write \(file)", server, since: former), diff: Diff(from: former, to: wanted))
            }
            guard server.isRunning else { return .satisfied }
            guard try server.hasLoaded(status) else { return .unmet(try reason("reload", server, since: [])) }
            for name in names {
                guard let other = try server.file(setting: name), other != file.string else { continue }
                let advice =
                    other.hasSuffix("postgresql.auto.conf")
                    ? "Somebody used ALTER SYSTEM: take it back with ALTER SYSTEM RESET \(name)."
                    : "Remove it there, or give the drop-in an id that sorts after it."
                throw Failure("the PostgreSQL setting \(name) of \(file) is outranked by \(other)", advice: advice)
            }
            let waiting = try server.pendingSettings().intersection(names).sorted()
            return waiting.isEmpty ? .satisfied : .unmet("restart for \(waiting.joined(separator: ", "))")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let cluster = try await machine.fact(PostgresServer.self).cluster, file = file(of: cluster)
            try await accept(on: machine, cluster)
            try machine.originals.keep(file)
            let wanted = Array(text.utf8), former = try machine.files.readIfPresent(file)
            if former != wanted { try write(wanted, to: file, on: machine) }
            do { try await load(file, cluster, on: machine) } catch {
                throw await error.after {
                    if let former { try write(former, to: file, on: machine) } else { try machine.files.remove(file) }
                    try await machine.control(.restart, cluster.unit)
                }
            }
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try machine.checkRestored([file(of: try PostgresCluster.find(on: machine))])
        }

        public func revert(on machine: Machine) async throws {
            let cluster = try PostgresCluster.find(on: machine)
            try machine.originals.restore(file(of: cluster))
            guard cluster.socket != nil else { return }
            try await machine.control(.restart, cluster.unit)
        }

        private func file(of cluster: PostgresCluster) -> FilePath {
            cluster.directory.appending("conf.d").appending("\(id).conf")
        }

        /// The change in words, and whether the server is restarted for it.
        private func reason(_ what: String, _ server: PostgresServer, since former: [UInt8]) throws -> String {
            guard server.isRunning else { return what }
            let known = Set(String(decoding: former, as: UTF8.self).lines.map(String.init))
            let changed = text.lines.filter { !known.contains(String($0)) }.compactMap { line in
                line.split(separator: " ").first.map(String.init)
            }
            let restart = try server.restartSettings()
            let slow = changed.filter { restart.contains($0) }
            return slow.isEmpty ? what : "\(what), and restart for \(slow.joined(separator: ", ")) if it changes"
        }

        /// - Throws: ``Failure`` if the server does not accept a value.
        private func accept(on machine: Machine, _ cluster: PostgresCluster) async throws {
            let values = names.flatMap { ["-c", "\($0)=\(self.values[$0] ?? "")"] }
            let command = Invocation(
                "runuser",
                [
                    "--user", "postgres", "--", cluster.program("postgres"), "-D", cluster.dataDirectory.string, "-c",
                    "config_file=\(cluster.directory.appending("postgresql.conf"))",
                ] + values + ["-C", "data_directory"])
            let result = try await machine.run(command)
            guard !result.succeeded else { return }
            var failure = Failure(describing: CommandFailure(command: command, result: result))
            failure.message = "PostgreSQL does not accept the settings \(id)"
            failure.advice = "Nothing was changed. Correct the value."
            throw failure
        }

        private func write(_ bytes: [UInt8], to file: FilePath, on machine: Machine) throws {
            let directory = file.removingLastComponent()
            if try machine.files.status(of: directory) == nil {
                try machine.files.createDirectory(directory, mode: 0o755, owner: .root)
            }
            try machine.files.replace(file, with: bytes, mode: 0o644)
        }

        private func load(_ file: FilePath, _ cluster: PostgresCluster, on machine: Machine) async throws {
            guard cluster.socket != nil else { return }
            try await cluster.reload(for: file, on: machine)
            let pending = try await machine.fact(PostgresServer.self).pendingSettings()
            guard !pending.isDisjoint(with: names) else { return }
            machine.showProgress("restarting \(cluster.unit)")
            try await machine.control(.restart, cluster.unit)
        }

        private func validate() throws {
            try PlainName.validate(id, of: "PostgreSQL settings")
            guard !values.isEmpty else { throw Failure("no PostgreSQL settings are declared", advice: "Name some.") }
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                guard name.utf8.first?.isASCIILetterOrDigit == true,
                    name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_.".utf8.contains($0) }),
                    !["data_directory", "config_file", "hba_file"].contains(name)
                else {
                    throw Failure(
                        "“\(name.escaped)” cannot be set here",
                        advice: "Name a setting of PostgreSQL that its packages do not decide on.")
                }
                guard !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\\") }) else {
                    throw Failure("the PostgreSQL setting \(name) has a backslash or a control character in it")
                }
            }
        }
    }
}
