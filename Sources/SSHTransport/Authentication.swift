import CSSH
import Foundation

/// One attempt to log in, method by method.
///
/// The order: key files without a passphrase, the agent, key files with one, password, keyboard-interactive. The agent comes after
/// the files since it offers every key that it has, and a server hangs up after six. Nothing is asked of a person before all
/// that needs nobody has failed.
struct Authentication {
    let session: Session
    let prompter: any Prompter
    let timeout: Duration
    private var tried: [String] = []

    init(session: Session, prompter: any Prompter, timeout: Duration) {
        self.session = session
        self.prompter = prompter
        self.timeout = timeout
    }

    private var configuration: ClientConfiguration { session.configuration }
    private var mayPrompt: Bool { !configuration.isOn("batchmode") }

    /// The methods that the server accepts, as far as it has told.
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
            tried.append("the machine hung up: \(reason)")
        }
        throw TransportError.authenticationFailed(
            host: session.host, user: configuration.user, tried: tried, accepted: accepted.map(\.name))
    }

    private mutating func logIn(isolation: isolated Connection) async throws -> Bool {
        var encrypted: [String] = []
        var hasAsked = false
        if configuration.isOn("pubkeyauthentication") || configuration["pubkeyauthentication"] == nil {
            for file in try configuration.identityFiles where FileManager.default.fileExists(atPath: file) {
                switch PrivateKey.load(file, passphrase: nil) {
                case .key(let key):
                    hasAsked = true
                    if try offer(key, named: file) { return true }
                case .wantsPassphrase: encrypted.append(file)
                case .unreadable(let reason): tried.append("key \(file): \(reason)")
                }
            }
            if !hasAsked { if try none() { return true } }
            hasAsked = true
            if accepts(SSH_AUTH_METHOD_PUBLICKEY) {
                if try offerAgent() { return true }
                for file in encrypted where try await unlock(file, isolation: isolation) { return true }
            }
        }
        if !hasAsked { if try none() { return true } }
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

    /// The request that is refused with the list of the accepted methods.
    private func none() throws -> Bool {
        try session.drive(timeout: timeout) { ssh_userauth_none(session.raw, nil) } == SSH_AUTH_SUCCESS
    }

    // MARK: Keys

    private mutating func offer(_ key: PrivateKey, named name: String) throws -> Bool {
        let result = try session.drive(timeout: timeout) { ssh_userauth_publickey(session.raw, nil, key.raw) }
        if result == SSH_AUTH_SUCCESS { return true }
        tried.append("key \(name): " + (result == SSH_AUTH_PARTIAL ? "accepted, but more is wanted" : "refused"))
        return false
    }

    private mutating func offerAgent() throws -> Bool {
        guard let socket = try configuration.agentSocket else { return false }
        let configured = try configuration.identityFiles.compactMap { file in
            (try? String(contentsOfFile: file + ".pub", encoding: .utf8)).flatMap(PublicKey.init(line:))
        }
        let filter: AgentFilter
        do {
            filter = try AgentFilter(
                agent: socket, first: configured.compactMap(\.blob), onlyThose: configuration.isOn("identitiesonly"))
        } catch let failure as AgentFilter.Unreachable {
            tried.append("agent \(socket): \(failure.reason)")
            return false
        }
        ssh_set_agent_socket(session.raw, filter.descriptor)
        let result = try session.drive(timeout: timeout) { ssh_userauth_agent(session.raw, nil) }
        if result == SSH_AUTH_SUCCESS { return true }
        tried.append("agent \(socket): none of its keys is accepted")
        return false
    }

    private mutating func unlock(_ file: String, isolation: isolated Connection) async throws -> Bool {
        // The public half tells without a passphrase whether the key is any good there.
        if let line = try? String(contentsOfFile: file + ".pub", encoding: .utf8), let key = PublicKey(line: line) {
            let result = try session.drive(timeout: timeout) { ssh_userauth_try_publickey(session.raw, nil, key.raw) }
            if result != SSH_AUTH_SUCCESS {
                tried.append("key \(file): refused")
                return false
            }
        }
        guard mayPrompt else {
            tried.append("key \(file): wants a passphrase")
            return false
        }
        for _ in 0..<(prompter.isInteractive ? 3 : 1) {
            guard let passphrase = try await ask("Passphrase of \(file): ", isolation: isolation) else { return false }
            if case .key(let key) = PrivateKey.load(file, passphrase: passphrase) { return try offer(key, named: file) }
        }
        tried.append("key \(file): wrong passphrase")
        return false
    }

    // MARK: Passwords

    /// - Returns: `nil` where nobody is there to answer; a person who declines ends the whole attempt.
    private mutating func ask(_ question: String, isolation: isolated Connection) async throws -> Password? {
        do {
            return Password(try await prompter.password(question))
        } catch  where !prompter.isInteractive {
            tried.append("nobody was there to answer: \(question.trimmingCharacters(in: .whitespaces))")
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
        var hasAsked = false
        for _ in 0..<attempts {
            var result = try session.drive(timeout: timeout) { ssh_userauth_kbdint(session.raw, nil, nil) }
            while result == SSH_AUTH_INFO {
                for index in 0..<UInt32(max(0, ssh_userauth_kbdint_getnprompts(session.raw))) {
                    let question =
                        ssh_userauth_kbdint_getprompt(session.raw, index, nil).map { String(cString: $0) }
                        ?? "Password: "
                    hasAsked = true
                    let whole = "\(configuration.user)@\(session.host) \(question)"
                    guard let answer = try await ask(whole, isolation: isolation) else { return false }
                    _ = answer.withCString { ssh_userauth_kbdint_setanswer(session.raw, index, $0) }
                }
                result = try session.drive(timeout: timeout) { ssh_userauth_kbdint(session.raw, nil, nil) }
            }
            if result == SSH_AUTH_SUCCESS { return true }
            // Without questions there is nothing that could be answered better the next time.
            if result == SSH_AUTH_PARTIAL || !hasAsked { break }
        }
        if hasAsked { tried.append("keyboard-interactive: refused") }
        return false
    }
}

/// A private key of libssh.
final class PrivateKey {
    let raw: OpaquePointer

    private init(_ raw: OpaquePointer) { self.raw = raw }

    deinit { ssh_key_free(raw) }

    enum Loading {
        case key(PrivateKey)
        case wantsPassphrase
        case unreadable(String)
    }

    static func load(_ file: String, passphrase: Password?) -> Loading {
        guard access(file, R_OK) == 0 else { return .unreadable(errorText(errno)) }
        var key: OpaquePointer?
        var wasAsked = false
        let result: Int32
        if let passphrase {
            result = passphrase.withCString { ssh_pki_import_privkey_file(file, $0, nil, nil, &key) }
        } else {
            // Called for the passphrase, so that it is called at all tells that there is one.
            result = ssh_pki_import_privkey_file(
                file, nil,
                { _, _, _, _, _, asked in
                    asked?.assumingMemoryBound(to: Bool.self).pointee = true
                    return -1
                }, &wasAsked, &key)
        }
        if result == SSH_OK, let key { return .key(PrivateKey(key)) }
        return wasAsked || passphrase != nil ? .wantsPassphrase : .unreadable("cannot be read as a private key")
    }
}
