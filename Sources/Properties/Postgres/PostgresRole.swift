extension Postgres {
    /// A role of the server: a user, or a group of users.
    ///
    ///     Postgres.Role("shop", password: Secret("shop-db-password"))
    ///     Postgres.Role("reports", attributes: [])
    ///     Postgres.Role("anna", memberOf: ["reports"], connectionLimit: 5)
    ///
    /// A program that runs as the user of the same name connects over the socket without a password. The password
    /// itself never reaches the server: Propel sends the verifier that the server would make of it (SCRAM-SHA-256), and
    /// compares the present one with the secret. One that is hashed with MD5 is replaced. Memberships that are not
    /// declared stay.
    public struct Role: Property {
        public typealias Target = DebianLike

        /// Something that a role may do, beyond what is granted to it (CREATE ROLE).
        public enum Attribute: String, Sendable, Hashable, CaseIterable {
            case login = "LOGIN"
            case superuser = "SUPERUSER"
            case createDatabase = "CREATEDB"
            case createRole = "CREATEROLE"
            case replication = "REPLICATION"
            case bypassRowSecurity = "BYPASSRLS"
        }

        public let role: String
        public let password: Secret?
        public let attributes: Set<Attribute>
        public let memberOf: [String]
        public let connectionLimit: Int?
        /// How often the hash of a password is applied. Tests make it cheap.
        var iterations = SCRAMVerifier.defaultIterations

        /// - Parameters:
        ///   - role: the name: 1 to 63 characters.
        ///   - password: the password, in ASCII; nil leaves it as it is, and a new role has none.
        ///   - attributes: what the role may do, and nothing else of these; to log in by default.
        ///   - memberOf: roles that it is a member of. They must exist, or be declared before.
        ///   - connectionLimit: the highest number of connections, -1 for no limit; nil leaves it as it is.
        public init(
            _ role: String, password: Secret? = nil, attributes: Set<Attribute> = [.login], memberOf: [String] = [],
            connectionLimit: Int? = nil
        ) {
            self.role = role
            self.password = password
            self.attributes = attributes
            self.memberOf = memberOf
            self.connectionLimit = connectionLimit
        }

        public var name: String { "PostgreSQL role \(role)" }
        public var secrets: [Secret] { password.map { [$0] } ?? [] }
        public var problems: [String] { problems(in: validate) }

        public var claims: [Claim] {
            let words = Attribute.allCases.filter(attributes.contains).map(\.rawValue) + memberOf.sorted()
            let summary = ([words.joined(separator: ", ")] + (connectionLimit.map { ["limit \($0)"] } ?? []))
                .joined(separator: ", ")
            return [Claim(name, is: "\(summary), \(password?.name ?? "")", summary: summary)]
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let server = try await machine.fact(PostgresServer.self)
            for group in memberOf { try server.requireRole(group) }
            guard let found = try server.role(role) else { return .unmet("create", secrets: secrets) }
            var reasons = differences(from: found)
            if try ClosedConnections.of(role: role, in: server.cluster).areLeft(on: machine) {
                reasons.append("forget a removal that was cut")
            }
            do {
                guard let password,
                    let difference = try verifier(password).difference(
                        from: found["password"]?.string, on: machine)
                else { return .unmet(unlessEmpty: reasons) }
                reasons.append(difference)
            } catch let error as Undetermined {
                if reasons.isEmpty { throw error }
                reasons.append("perhaps another password: cannot tell until \(error.until)")
            }
            return .unmet(reasons.joined(separator: "; "), secrets: secrets)
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let server = try await machine.fact(PostgresServer.self)
            let found = try server.role(role)
            var options = Attribute.allCases.map { (attributes.contains($0) ? "" : "NO") + $0.rawValue }
            if let connectionLimit { options.append("CONNECTION LIMIT \(connectionLimit)") }
            let name = PostgresSQL.name(role)
            var sql = "\(found == nil ? "CREATE" : "ALTER") ROLE \(name) WITH \(options.joined(separator: " "));\n"
            for group in missingGroups(of: found) { sql += "GRANT \(PostgresSQL.name(group)) TO \(name);\n" }
            try await server.cluster.ask("BEGIN;\n\(sql)COMMIT;\n", on: machine)
            // Whether it may log in is declared.
            try ClosedConnections.of(role: role, in: server.cluster).forget(on: machine)
            guard let password else { return }
            let kept = verifier(password), stored = found?["password"]?.string
            // Compared with the plaintext, which is here now.
            _ = try await machine.secrets.plaintext(of: password)
            guard try kept.difference(from: stored, on: machine) != nil else { return }
            try await kept.set(on: machine, of: server.cluster)
        }

        private func differences(from found: JSON) -> [String] {
            var reasons = Attribute.allCases.compactMap { attribute -> String? in
                let isWanted = attributes.contains(attribute)
                guard found["\(attribute)"]?.bool != isWanted else { return nil }
                return (isWanted ? "" : "no ") + attribute.rawValue.lowercased()
            }
            if let connectionLimit, let present = found["limit"]?.integer, present != connectionLimit {
                reasons.append("connection limit \(present) → \(connectionLimit)")
            }
            return reasons + missingGroups(of: found).map { "member of \($0)" }
        }

        private func missingGroups(of found: JSON?) -> [String] {
            let present = Set(found?["groups"]?.array?.compactMap(\.string) ?? [])
            return memberOf.filter { !present.contains($0) }
        }

        private func verifier(_ password: Secret) -> PostgresPassword {
            PostgresPassword(role: role, secret: password, iterations: iterations)
        }

        private func validate() throws {
            for name in [role] + memberOf {
                try PostgresSQL.validate(name, "a PostgreSQL role")
                guard !["public", "none"].contains(name.lowercased()), name != role || !name.hasPrefix("pg_") else {
                    throw Failure("“\(name)” is a name that PostgreSQL reserves", advice: "Use another one.")
                }
            }
            guard role != "postgres" || attributes.isSuperset(of: [.superuser, .login]) else {
                throw Failure(
                    "the role postgres must stay a superuser that logs in: Propel connects as it",
                    advice: "Declare it with all attributes, or another role.")
            }
            guard connectionLimit ?? -1 >= -1 else {
                throw Failure("the PostgreSQL role \(role) has the connection limit \(connectionLimit ?? 0)")
            }
        }
    }
}
