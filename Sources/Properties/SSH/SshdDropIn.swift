/// The file with the settings of a ``Sshd``.
struct SshdDropIn: Revertible, Guarded {
    typealias Target = DebianLike

    enum Content: Sendable, Hashable {
        case options([Sshd.Option])
        case text(String)
    }

    static let program = "/usr/sbin/sshd"
    /// It sorts before the drop-ins of others.
    static let prefix = "00-propel-"

    let id: String
    let content: Content

    var name: String { "settings of sshd\(id == "settings" ? "" : " " + id)" }
    var claims: [Claim] { file(isOld: false).claims }
    var ports: [Port] { sshPorts.map { Port($0) } }
    var problems: [String] { problems(in: validate) }

    /// The ports that it declares.
    var sshPorts: [UInt16] { entries.filter { $0.keyword == "port" }.compactMap { UInt16($0.value) } }

    /// The keywords of which nothing else must count.
    var limitingKeywords: Set<String> { SshdConfiguration.limiting.intersection(entries.map(\.keyword)) }

    private var path: FilePath { SSHDropIn.directory.appending("\(Self.prefix)\(id).conf") }
    private var entries: [SshdConfiguration.Entry] {
        SshdConfiguration.entries(in: text(isOld: false).lines, of: path)
    }

    private func text(isOld: Bool) -> String {
        switch content {
        case .options(let options): options.text(isOld: isOld)
        case .text(let text): text
        }
    }

    private func file(isOld: Bool) -> File { File(path, text(isOld: isOld)) }

    private func file(on machine: Machine) async throws -> File {
        file(isOld: try await machine.fact(OperatingSystem.self).hasOldOpenSSH)
    }

    func check(on machine: Machine) async throws -> Check {
        try validate()
        guard try machine.files.status(of: FilePath(Self.program)) != nil else {
            throw Undetermined(until: "openssh-server is installed")
        }
        let check = try await file(on: machine).check(on: machine, createsDirectory: true)
        let configuration = try await configuration(on: machine)
        try configuration.refuseOutranked(path)
        if check != .satisfied { try await SshdEffect(configuration.values).refuseLockout(on: machine) }
        return check
    }

    func apply(on machine: Machine) async throws {
        try validate()
        let configuration = try await configuration(on: machine)
        try configuration.refuseOutranked(path)
        try await SshdEffect(configuration.values).refuseLockout(on: machine)
        try machine.makeSshdDirectory()
        // With the Match blocks for the user who deploys.
        try await SshdEffect(dump: try await dump(on: machine)).refuseLockout(on: machine)
        try await file(on: machine).apply(on: machine, createsDirectory: true)
    }

    func checkReverted(on machine: Machine) async throws -> Check {
        let file = file(isOld: false), check = try await file.checkReverted(on: machine, removesDirectory: true)
        if check != .satisfied { try await refuseLockoutReverted(on: machine) }
        return check
    }

    func revert(on machine: Machine) async throws {
        try await refuseLockoutReverted(on: machine)
        try await file(isOld: false).revert(on: machine, removesDirectory: true)
    }

    private func refuseLockoutReverted(on machine: Machine) async throws {
        let original = try machine.originals.bytes(of: path).map { String(decoding: $0, as: UTF8.self) }
        let main = try machine.shared(SshdConfiguration.main).read()
        let configuration = try SshdConfiguration(on: machine, main: main, with: path, as: original)
        try await SshdEffect(configuration.values).refuseLockout(on: machine)
    }

    // MARK: - All files together

    /// `sshd_config` as it will be.
    private func main(on machine: Machine) throws -> TextLines {
        var lines = try machine.shared(SshdConfiguration.main).read()
        SshdMain(keywords: limitingKeywords).put(&lines)
        return lines
    }

    private func configuration(on machine: Machine) async throws -> SshdConfiguration {
        let isOld = try await machine.fact(OperatingSystem.self).hasOldOpenSSH
        return try SshdConfiguration(
            on: machine, main: try main(on: machine), with: path, as: text(isOld: isOld))
    }

    /// The effective settings for the user who deploys, as sshd itself reads the files with the new drop-in.
    private func dump(on machine: Machine) async throws -> String {
        let text = text(isOld: try await machine.fact(OperatingSystem.self).hasOldOpenSSH)
        let own = path.lastComponent?.string ?? ""
        let dropIns = try SshdConfiguration.files(of: "\(SSHDropIn.directory)/*.conf", on: machine, and: path)
        let includes = dropIns.map { "Include \($0 == path ? ScratchDirectory.path.appending(own) : $0)\n" }
        let rest = try main(on: machine).all.map { $0 == SshdMain.include ? "" : $0 }
        let scratch = [
            ScratchFile(own, text), ScratchFile("sshd_config", includes.joined() + rest.joined(separator: "\n") + "\n"),
        ]
        return try await machine.withScratch(scratch) { directory in
            var arguments = ["-T", "-f", directory.appending("sshd_config").string]
            if let user = machine.deployingUser, let connection = machine.connection {
                arguments += [
                    "-C",
                    "user=\(user),host=\(connection.client),addr=\(connection.client),laddr=\(connection.server),"
                        + "lport=\(connection.port)",
                ]
            }
            let command = Invocation(Self.program, arguments), result = try await machine.run(command)
            guard result.succeeded else {
                throw Failure(
                    "sshd does not accept the settings \(id)", command: command.description,
                    ending: result.ending.description,
                    output: CommandFailure(command: command, result: result).lastLines,
                    advice: "Nothing was put in place. `man sshd_config` on the machine lists what its release knows.")
            }
            return result.text
        }
    }

    private func validate() throws {
        try PlainName.validate(id, of: "settings of sshd")
        switch content {
        case .text(let text):
            guard text.hasSuffix("\n"), !text.utf8.contains(0) else {
                throw Failure("the settings of sshd \(id) do not end with a newline, or have a NUL in them")
            }
        case .options(let options):
            try options.forEach { try $0.validate() }
            let keywords = options.compactMap { $0.keyword?.lowercased() }
            for keyword in keywords
            where keywords.count(where: { $0 == keyword }) > 1 && !SshdConfiguration.repeatable.contains(keyword) {
                throw Failure(
                    "the setting \(keyword) of sshd is given twice", advice: "The first value would count: give one.")
            }
        }
    }
}

extension OperatingSystem {
    /// Whether its OpenSSH is older than 8.7: that of Debian 11 and Ubuntu 20.04 is.
    fileprivate var hasOldOpenSSH: Bool {
        guard let release else { return false }
        return id == "ubuntu" ? release < 22 : ["debian", "raspbian"].contains(id) && release < 12
    }
}
