import Foundation
import PlainText
import Vocabulary

/// A script that runs as root on the machine.
///
/// sudo asks for a password on standard error with a random prompt, and is answered on standard input only after that
/// prompt. So a password never reaches a program that did not ask for it, and the user is not asked if no password is
/// needed. doas reads a password from a terminal only, so it gets one, but only after it has asked.
actor RootShell {
    private let channel: Channel
    private let token: String
    private let become: Become
    private let hasTerminal: Bool
    private var lines = LineSplitter()
    private var noise = Tail(limit: 16 << 10)
    private var errors = Tail(limit: 64 << 10)
    private var prompts = 0
    private var wrongPasswords: Int
    /// Standard error since the last prompt: the next prompt may arrive in pieces.
    private var unanswered: [UInt8] = []
    private var statusOnTerminal: RemoteExit?

    nonisolated var unownedExecutor: UnownedSerialExecutor { channel.connection.unownedExecutor }

    /// The longest line that is accepted, in bytes.
    private static let longestLine = 32 << 20
    /// The longest line that is accepted before the first mark, in bytes: the output of the login shell.
    private static let longestNoise = 1 << 20
    /// The time that the login shell, sudo and the script have until their next mark.
    private static let markTimeout: Duration = .seconds(60)

    private init(channel: Channel, token: String, become: Become, hasTerminal: Bool, wrongPasswords: Int) {
        self.channel = channel
        self.token = token
        self.become = become
        self.hasTerminal = hasTerminal
        self.wrongPasswords = wrongPasswords
    }

    private nonisolated var connection: Connection { channel.connection }
    private nonisolated var host: String { connection.host }

    /// Standard error: the last 64 kB.
    var errorOutput: String { errors.text.replacingOccurrences(of: Self.prompt(token), with: "") }

    /// The output before the first mark: the last 16 kB.
    var noiseOutput: String { noise.text }
}

// MARK: - Starting

extension RootShell {
    /// Starts a script as root and waits for its first mark.
    ///
    /// - Parameters:
    ///   - script: one of `Scripts`. Its third argument is the token.
    ///   - arguments: the arguments before and after the token.
    static func start(
        _ script: String, _ arguments: (before: [String], after: [String]), on connection: Connection, become: Become
    ) async throws -> (RootShell, Mark) {
        let become = connection.user == "root" ? .unneeded : become
        var wrongPasswords = 0
        // doas is tried without a password first.
        for _ in 0...Connection.passwordLimit {
            let terminal = become == .doas ? await connection.doasNeedsTerminal : false
            let token = Self.makeToken()
            let command = Self.command(script, arguments, token: token, become: become, onTerminal: terminal)
            let shell = RootShell(
                channel: try await connection.exec(command, pty: terminal), token: token, become: become,
                hasTerminal: terminal, wrongPasswords: wrongPasswords)
            if let mark = try await shell.nextMark() {
                if case .notRoot(let user) = mark { throw TransportError.notRoot(host: connection.host, user: user) }
                return (shell, mark)
            }
            // It exited without a mark: with an error, or because doas needs a terminal.
            let failure = try await shell.failure()
            switch failure {
            case .needsTerminal: await connection.requireTerminal()
            case .wrongDoasPassword:
                wrongPasswords += 1
                await connection.forgetPassword()
                guard connection.mayAskAgain(after: wrongPasswords) else { throw connection.wrongPassword(for: .doas) }
            case .final(let error): throw error
            }
        }
        throw connection.wrongPassword(for: become)
    }

    private static func makeToken() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    static func command(
        _ script: String, _ arguments: (before: [String], after: [String]), token: String, become: Become,
        onTerminal: Bool
    ) -> String {
        let words = arguments.before + [token] + arguments.after
        let plain = ["sh", "-c", script, "propel"] + words
        let whole =
            switch become {
            case .unneeded: plain
            // LC_ALL=C, since the error messages are compared.
            case .sudo: ["env", "LC_ALL=C", "sudo", "-S", "-p", prompt(token), "--"] + plain
            case .doas where onTerminal:
                ["env", "LC_ALL=C", "doas", "sh", "-c", Scripts.onTerminal, "propel", token, script] + words
            case .doas: ["env", "LC_ALL=C", "doas", "-n"] + plain
            }
        return "exec " + ShellQuoting.quote(whole)
    }

    private static func prompt(_ token: String) -> String { "propel:\(token):password:" }

    private enum Failure {
        case needsTerminal
        case wrongDoasPassword
        case final(TransportError)
    }

    /// The reason why it exited before its first mark.
    private func failure() async throws -> Failure {
        let status = try await channel.exitStatus()
        noise.append(lines.rest)
        let said = errorOutput + noise.text
        func has(_ text: String) -> Bool { said.contains(text) }
        let user = connection.user
        switch become {
        case .unneeded: break
        // The status of env(1) for a program that it does not find.
        case _ where status == .exited(127) && has("\(become)"):
            return .final(.becomeMissing(host: host, command: become))
        case .sudo:
            if has("incorrect password attempt") || has("no password was provided") {
                return .final(connection.wrongPassword(for: .sudo))
            }
            if has("is not in the sudoers file") || has("is not allowed to execute") || has("may not run sudo") {
                return .final(.becomeRefused(host: host, user: user, command: .sudo))
            }
            if has("sudo:") { return .final(.becomeFailed(host: host, command: .sudo, output: said)) }
        case .doas:
            if has("Operation not permitted") { return .final(.becomeRefused(host: host, user: user, command: .doas)) }
            if !hasTerminal, has("Authorization required") || has("Authentication required") { return .needsTerminal }
            if has("Authentication failed") || has("Authorization failed") { return .wrongDoasPassword }
            if has("doas:") { return .final(.becomeFailed(host: host, command: .doas, output: said)) }
        }
        return .final(.startFailed(host: host, status: status, output: said))
    }
}

// MARK: - Talking

extension RootShell {
    /// The next mark; `nil` at the end. Other output is noise of the login shell.
    func nextMark() async throws -> Mark? {
        var deadline = await connection.tick(after: Self.markTimeout)
        let prefix = "propel:\(token):"
        while true {
            while let line = lines.next() {
                let text = String(decoding: line, as: UTF8.self)
                // Noise without a newline may precede it on the same line.
                if let range = text.range(of: prefix), let mark = interpret(text[range.upperBound...]) { return mark }
                noise.append(line)
                noise.append("\n".utf8)
            }
            if try await answerPrompt() { deadline = await connection.tick(after: Self.markTimeout) }
            guard lines.rest.count <= Self.longestNoise else {
                await channel.close()
                throw TransportError.lineTooLong(host: host, limit: Self.longestNoise)
            }
            do {
                // A login shell that prints endlessly always has something to receive.
                guard await !connection.hasReached(deadline) else { throw Channel.DeadlineExceeded() }
                guard try await receive(until: deadline) else { return nil }
            } catch is Channel.DeadlineExceeded {
                await channel.close()
                let output =
                    "no answer for \(Self.markTimeout.components.seconds) s\n" + errorOutput + noise.text
                    + String(decoding: lines.rest, as: UTF8.self)
                throw become == .unneeded
                    ? TransportError.startFailed(host: host, status: nil, output: output)
                    : TransportError.becomeFailed(host: host, command: become, output: output)
            }
        }
    }

    /// The next line of the enforcer, unchanged; `nil` at the end. A last line without a newline is dropped.
    func nextLine() async throws -> ArraySlice<UInt8>? {
        while true {
            if let line = takeLine() { return line }
            guard lines.rest.count <= Self.longestLine else {
                throw TransportError.lineTooLong(host: host, limit: Self.longestLine)
            }
            guard try await receive(until: nil) else { return nil }
        }
    }

    /// The next lines of the enforcer, unchanged, as many as have arrived together; `nil` at the end.
    func nextLines() async throws -> [ArraySlice<UInt8>]? {
        guard let first = try await nextLine() else { return nil }
        var group = [first]
        while let line = takeLine() { group.append(line) }
        return group
    }

    /// The next line that has arrived; `nil` if there is none yet.
    private func takeLine() -> ArraySlice<UInt8>? {
        let prefix = hasTerminal ? Array("propel:\(token):".utf8) : []
        while let line = lines.next() {
            guard hasTerminal, line.starts(with: prefix) else { return line }
            _ = interpret(Substring(decoding: line.dropFirst(prefix.count), as: UTF8.self))
        }
        return nil
    }

    /// `count` bytes that follow the last line.
    /// - Throws: `TransportError.linkLost` if the stream ends before.
    func nextBytes(_ count: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while true {
            bytes += lines.take(count - bytes.count)
            if bytes.count == count { return bytes }
            guard try await receive(until: nil) else {
                throw TransportError.linkLost(host: host, reason: "the stream ended in the middle of a file")
            }
        }
    }

    /// Parses a mark; those of the terminal wrapper are consumed here.
    private func interpret(_ text: Substring) -> Mark? {
        switch Mark(text) {
        case .exit(let code): statusOnTerminal = .exited(code)
        case .standardError(let line): errors.append((line + "\n").utf8)
        case let mark: return mark
        }
        return nil
    }

    private func receive(until tick: Int?) async throws -> Bool {
        let output = if let tick { try await channel.next(until: tick) } else { try await channel.next() }
        switch output {
        case .standardOutput(let bytes): lines.append(bytes)
        case .standardError(let bytes):
            errors.append(bytes)
            if become == .sudo { unanswered = (unanswered + bytes).suffix(4096) }
        case nil: return false
        }
        return true
    }

    func write(_ bytes: some Collection<UInt8> & Sendable) async throws { try await channel.write(bytes) }

    func finishWriting() async throws { try await channel.finishWriting() }

    func close() async { await channel.close() }

    /// Reads the rest of the output and waits for the exit status.
    func exitStatus() async throws -> RemoteExit? {
        while try await nextLine() != nil {}
        let status = try await channel.exitStatus()
        return statusOnTerminal ?? status
    }
}

// MARK: - Passwords

extension RootShell {
    /// Answers a password prompt of sudo or doas, if there is one.
    private func answerPrompt() async throws -> Bool {
        guard takePrompt() else { return false }
        prompts += 1
        if prompts > 1 {
            wrongPasswords += 1
            await connection.forgetPassword()
            guard connection.mayAskAgain(after: wrongPasswords) else {
                await channel.close()
                throw connection.wrongPassword(for: become)
            }
        }
        try await channel.write(try await connection.password(for: become, isRepeated: wrongPasswords > 0))
        return true
    }

    private func takePrompt() -> Bool {
        switch become {
        case .unneeded: return false
        case .sudo:
            let text = String(decoding: unanswered, as: UTF8.self)
            guard let range = text.range(of: Self.prompt(token)) else { return false }
            unanswered = Array(text[range.upperBound...].utf8)
            return true
        case .doas:
            // It asks once; other output of the terminal is not answered.
            return hasTerminal && prompts == 0 && String(decoding: lines.rest, as: UTF8.self).hasSuffix("password: ")
        }
    }
}
