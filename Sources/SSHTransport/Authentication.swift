import CSSH
import Foundation

/// One login attempt, method by method.
///
/// The order: key files without a passphrase, the agent, key files with a passphrase, password, keyboard-interactive.
/// The agent comes after the files since it may offer many keys, and a server disconnects after six failures
/// (`MaxAuthTries`). The user is only asked when every method that needs no answer has failed.
struct Authentication {
    /// The keys that are offered first. `ssh` asks the agent first.
    enum Order { case files, agent }

    /// The server has disconnected before every key was offered: another connection may begin with the others.
    struct Unfinished: Error {}

    let order: Order
    let session: Session
    let prompter: any Prompter
    let timeout: Duration
    private var tried: [String] = []
    private var hasPrompted = false
    /// Whether a request was made: the server refuses it with the list of the methods that it accepts (RFC 4252, 5.1).
    private var hasAsked = false

    init(session: Session, order: Order, prompter: any Prompter, timeout: Duration) {
        self.order = order
        self.session = session
        self.prompter = prompter
        self.timeout = timeout
    }

    private var configuration: ClientConfiguration { session.configuration }
    private var mayPrompt: Bool { !configuration.isOn("batchmode") }

    /// The methods that the server has said it accepts.
    private var accepted: [(method: Int32, name: String)] {
        let list = ssh_userauth_list(session.raw, nil)
        return [
            (Int32(SSH_AUTH_METHOD_PUBLICKEY), "publickey"), (Int32(SSH_AUTH_METHOD_PASSWORD), "password"),
            (Int32(SSH_AUTH_METHOD_INTERACTIVE), "keyboard-interactive"),
            (Int32(SSH_AUTH_METHOD_HOSTBASED), "hostbased"),
            (Int32(SSH_AUTH_METHOD_GSSAPI_MIC), "gssapi-with-mic"),
        ].filter { list & $0.0 != 0 }
    }

    private func accepts(_ method: UInt32) -> Bool { ssh_userauth_list(session.raw, nil) & Int32(method) != 0 }

    mutating func run(isolation: isolated Connection) async throws {
        do {
            if try await logIn(isolation: isolation) { return }
        } catch TransportError.linkLost(_, let reason) {
            if order == .files, configuration.agentSocket != nil, !hasPrompted { throw Unfinished() }
            tried.append("the server disconnected: \(reason)")
        }
        throw TransportError.authenticationFailed(
            host: session.host, user: configuration.user, tried: tried + configuration.unsupportedLogins,
            accepted: accepted.map(\.name))
    }

    private mutating func logIn(isolation: isolated Connection) async throws -> Bool {
        // It may also be `unbound` or `host-bound`.
        let usesKeys = !["no", "false"].contains(configuration["pubkeyauthentication"])
        if usesKeys, try await offerKeys(isolation: isolation) { return true }
        if try askForMethods() { return true }
        if accepts(SSH_AUTH_METHOD_PASSWORD), configuration["passwordauthentication"] != "no",
            try await password(isolation: isolation)
        {
            return true
        }
        if accepts(SSH_AUTH_METHOD_INTERACTIVE), configuration["kbdinteractiveauthentication"] != "no",
            try await keyboardInteractive(isolation: isolation)
        {
            return true
        }
        return false
    }

    /// Sends the “none” request, unless there was another one (RFC 4252, 5.2).
    private mutating func askForMethods() throws -> Bool {
        if hasAsked { return false }
        hasAsked = true
        return try session.drive(timeout: timeout) { ssh_userauth_none(session.raw, nil) } == SSH_AUTH_SUCCESS
    }

    // MARK: Keys

    private mutating func offerKeys(isolation: isolated Connection) async throws -> Bool {
        if order == .agent {
            if try askForMethods() { return true }
            if try offerAgent() { return true }
        }
        var encrypted: [String] = []
        for file in try configuration.identityFiles where FileManager.default.fileExists(atPath: file) {
            let identity = IdentityFile(path: file)
            // Only the agent can sign with a public key.
            if identity.isPublic { continue }
            if identity.isSecurityKey {
                tried.append(
                    "key \(file): a security key, which Propel uses through the agent only: load it with "
                        + "`ssh-add \(file)`")
                continue
            }
            switch PrivateKey.load(file, passphrase: nil) {
            case .key(let key):
                hasAsked = true
                if try offerCertified(file, passphrase: nil) { return true }
                if try offer(key, named: file) { return true }
            case .needsPassphrase: encrypted.append(file)
            case .unreadable(let reason): tried.append("key \(file): \(reason)")
            }
        }
        if try askForMethods() { return true }
        guard accepts(SSH_AUTH_METHOD_PUBLICKEY) else { return false }
        if order == .files, try offerAgent() { return true }
        for file in encrypted where try await unlock(file, isolation: isolation) { return true }
        return false
    }

    private mutating func offer(_ key: PrivateKey, named name: String) throws -> Bool {
        let result = try session.drive(timeout: timeout) { ssh_userauth_publickey(session.raw, nil, key.raw) }
        if result == SSH_AUTH_SUCCESS { return true }
        tried.append(
            "key \(name): " + (result == SSH_AUTH_PARTIAL ? "accepted, but a second method is required" : "refused"))
        return false
    }

    private func certificates() throws -> [PublicKey] {
        try configuration.certificates.compactMap {
            FileManager.default.fileExists(atPath: $0) ? PublicKey(certificateFile: $0) : nil
        }
    }

    /// Offers the key of a file with each certificate for it, as OpenSSH does before the key itself.
    private mutating func offerCertified(_ file: String, passphrase: Password?) throws -> Bool {
        for certificate in try certificates() {
            // libssh attaches a certificate to a key once.
            guard case .key(let key) = PrivateKey.load(file, passphrase: passphrase),
                let blob = key.publicBlob, let certified = certificate.blob,
                PublicKey.certificate(certified, isFor: blob),
                ssh_pki_copy_cert_to_privkey(certificate.raw, key.raw) == SSH_OK
            else { continue }
            if try offer(key, named: "\(file) with a certificate") { return true }
        }
        return false
    }

    private mutating func offerAgent() throws -> Bool {
        guard let socket = configuration.agentSocket else { return false }
        let configured = try configuration.identityFiles.compactMap { IdentityFile(path: $0).publicKey?.blob }
        let filter: AgentFilter
        do {
            filter = try AgentFilter(
                agent: socket, first: configured, onlyThose: configuration.isOn("identitiesonly"),
                certificates: try certificates().compactMap(\.blob))
        } catch let failure as AgentFilter.Unreachable {
            tried.append("agent \(socket): \(failure.reason)")
            return false
        }
        ssh_set_agent_socket(session.raw, filter.descriptor)
        let result = try session.drive(timeout: timeout) { ssh_userauth_agent(session.raw, nil) }
        if result == SSH_AUTH_SUCCESS { return true }
        tried.append("agent \(socket): no key was accepted")
        return false
    }

    private mutating func unlock(_ file: String, isolation: isolated Connection) async throws -> Bool {
        // The public key tells without a passphrase whether the server would accept it.
        if let key = IdentityFile(path: file).publicKey {
            let result = try session.drive(timeout: timeout) { ssh_userauth_try_publickey(session.raw, nil, key.raw) }
            if result != SSH_AUTH_SUCCESS {
                tried.append("key \(file): refused")
                return false
            }
        }
        guard mayPrompt else {
            tried.append("key \(file): has a passphrase, and BatchMode is on")
            return false
        }
        for _ in 0..<(prompter.isInteractive ? 3 : 1) {
            guard
                let passphrase = try await ask(
                    "Passphrase of \(file), to log in to \(session.host): ", isolation: isolation)
            else { return false }
            if case .key(let key) = PrivateKey.load(file, passphrase: passphrase) {
                return try offerCertified(file, passphrase: passphrase) || offer(key, named: file)
            }
        }
        tried.append("key \(file): wrong passphrase")
        return false
    }

    // MARK: Passwords

    /// - Returns: `nil` without a terminal. A user who declines ends the whole attempt.
    private mutating func ask(_ question: String, isolation: isolated Connection) async throws -> Password? {
        hasPrompted = true
        do {
            return Password(try await prompter.password(question))
        } catch  where !prompter.isInteractive {
            tried.append("no terminal to ask at: \(question.trimmingCharacters(in: .whitespaces))")
            return nil
        }
    }

    private var attempts: Int {
        prompter.isInteractive ? configuration["numberofpasswordprompts"].flatMap { Int($0) } ?? 3 : 1
    }

    private mutating func password(isolation: isolated Connection) async throws -> Bool {
        guard mayPrompt else { return false }
        for _ in 0..<attempts {
            let question = "Password of \(configuration.user)@\(session.host): "
            guard let password = try await ask(question, isolation: isolation) else { return false }
            let result = try password.withCString { text in
                try session.drive(timeout: timeout) { ssh_userauth_password(session.raw, nil, text) }
            }
            if result == SSH_AUTH_SUCCESS { return true }
            if result == SSH_AUTH_PARTIAL { break }
        }
        tried.append("password: refused")
        return false
    }

    private mutating func keyboardInteractive(isolation: isolated Connection) async throws -> Bool {
        guard mayPrompt else { return false }
        var hasQuestion = false
        for _ in 0..<attempts {
            var result = try session.drive(timeout: timeout) { ssh_userauth_kbdint(session.raw, nil, nil) }
            while result == SSH_AUTH_INFO {
                for index in 0..<UInt32(max(0, ssh_userauth_kbdint_getnprompts(session.raw))) {
                    let question =
                        ssh_userauth_kbdint_getprompt(session.raw, index, nil).map { String(cString: $0) }
                        ?? "Password: "
                    hasQuestion = true
                    let whole = "\(configuration.user)@\(session.host) \(question)"
                    guard let answer = try await ask(whole, isolation: isolation) else { return false }
                    _ = answer.withCString { ssh_userauth_kbdint_setanswer(session.raw, index, $0) }
                }
                result = try session.drive(timeout: timeout) { ssh_userauth_kbdint(session.raw, nil, nil) }
            }
            if result == SSH_AUTH_SUCCESS { return true }
            // Without a question, another attempt would give the same answer.
            if result == SSH_AUTH_PARTIAL || !hasQuestion { break }
        }
        if hasQuestion { tried.append("keyboard-interactive: refused") }
        return false
    }
}
