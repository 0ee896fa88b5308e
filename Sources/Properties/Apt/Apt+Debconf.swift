extension Apt {
    /// The answer to a question that a package asks when it configures itself (debconf(7)).
    ///
    ///     Apt.Debconf("postfix", "postfix/main_mailer_type", .select, "Satellite system")
    ///     Apt.Debconf("slapd", "slapd/password1", .password, "\(Secret("ldap-admin"))")
    ///     Apt.Installed("postfix", "slapd")
    ///
    /// It is given before packages of the same run are installed. `debconf-show PACKAGE` prints the questions of a
    /// package that is installed, debconf-get-selections(1) their types. A package that is installed already takes
    /// another answer when it is configured again: ``Reconfigure``. Answers are given on standard input, where nobody
    /// else can read them; a package forgets a password as soon as it has used it, so what counts is that it was given.
    ///
    /// Another answer replaces it. The question stays as long as its package.
    public struct Debconf: AptPackages {
        public typealias Target = DebianLike

        /// The type of a question (debconf-devel(7)).
        public enum Kind: String, Sendable {
            case string, boolean, select, multiselect, note, password
        }

        public let package: String
        public let question: String
        public let kind: Kind
        public let answer: Content

        /// - Parameters:
        ///   - package: the package that asks.
        ///   - question: its name: `postfix/main_mailer_type`.
        ///   - kind: its type.
        ///   - answer: one line: for a boolean `true` or `false`, for a select one of the choices in English.
        public init(_ package: String, _ question: String, _ kind: Kind, _ answer: Content) {
            self.package = package
            self.question = question
            self.kind = kind
            self.answer = answer
        }

        public var name: String { "answer to \(question.escaped)" }
        public var claims: [Claim] {
            [Claim("the answer to \(question)", is: answer.fingerprint, summary: "an answer of the type \(kind)")]
        }
        public var secrets: [Secret] { answer.secrets }
        public var problems: [String] { problems(in: validate) }

        private func validate() throws {
            try PackageName.validate([package])
            guard !question.isEmpty, question.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw Failure(
                    "invalid question “\(question.escaped)” of \(package)",
                    advice: "Write it as `debconf-show \(package)` prints it.")
            }
            if let bytes = answer.bytes { try Self.validate(bytes, of: question) }
        }

        /// A backslash at the end would continue the line.
        private static func validate(_ answer: [UInt8], of question: String) throws {
            guard !answer.contains(where: { $0 < 0x20 || $0 == 0x7F }), answer.last != UInt8(ascii: "\\") else {
                throw Failure(
                    "the answer to \(question) is not one line, or ends with a backslash", advice: "Give one line.")
            }
        }

        /// Whether its value is hidden: packages remove it when they have used it.
        private var isHidden: Bool { kind == .password || !secrets.isEmpty }

        private var applied: AppliedSecrets {
            AppliedSecrets(in: "the answer to \(question)", form: answer.form, of: secrets)
        }

        /// The mark that is recorded in place of an answer.
        private static let given = Array("given".utf8)

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let present = try DebconfDatabase(on: machine).answer(to: question, isPassword: kind == .password)
            guard isHidden else {
                let wanted = try await answer.resolved(on: machine).bytes ?? []
                if let present, present.isSeen, Array(present.value.utf8) == wanted { return .satisfied }
                let former = present.map { "“\($0.value.escaped)”" } ?? "none"
                return .unmet("\(former) → “\(String(decoding: wanted, as: UTF8.self).escaped)”")
            }
            let isThere =
                try await machine.fact(DpkgStatus.self).isInstalled(package) || present?.value.isEmpty == false
            do {
                if isThere, try applied.matches(Self.given, on: machine) { return .satisfied }
            } catch is Undetermined {}
            return .unmet(secrets.isEmpty ? "give it" : "give it, with a secret in it", secrets: secrets)
        }

        func transaction(_: DpkgStatus, beside _: Set<String>, on _: Machine) -> AptTransaction { AptTransaction() }

        func prepare(on machine: Machine) async throws {
            let question = question, isHidden = isHidden
            let start: Content = "\(package) \(question) \(kind.rawValue) "
            try await answer.withBytes(on: machine) { bytes in
                // The newline that an editor adds is not part of a secret.
                var answer = bytes.last == 0x0A ? Array(bytes.dropLast()) : bytes
                defer { answer.wipe() }
                try Self.validate(answer, of: question)
                var command = DpkgCommand.answer((start.bytes ?? []) + answer + [0x0A])
                defer { command.input.wipe() }
                let result = try await AptLock(machine: machine).run(command)
                guard !result.succeeded else { return }
                guard isHidden else { throw CommandFailure(command: command, result: result) }
                throw Failure(
                    "the answer to \(question) was refused; the output is not shown, since a secret may be in it",
                    command: command.description, ending: result.ending.description,
                    advice: "Run debconf-set-selections on the machine by hand.")
            }
            if isHidden { try applied.remember(Self.given, on: machine) }
        }
    }

    /// Lets a package that is installed configure itself again, with the answers that were given to it
    /// (dpkg-reconfigure(8)).
    ///
    ///     Apt.Debconf("unattended-upgrades", "unattended-upgrades/enable_auto_updates", .boolean, "true")
    ///         .onChange(Apt.Reconfigure("unattended-upgrades"))
    public struct Reconfigure: Action {
        public typealias Target = DebianLike

        public let package: String

        /// - Parameter package: the name of the package.
        public init(_ package: String) { self.package = package }

        public var name: String { "reconfigure \(package)" }

        public func perform(on machine: Machine) async throws {
            try PackageName.validate([package])
            try await AptLock(machine: machine).succeed(
                DpkgCommand.reconfigure(package), task: "reconfiguring \(package)")
        }
    }
}
