import Foundation
import Propel
import SSHTransport

/// A running script of ``BuildScripts`` on a build host, and its messages.
final class BuildConversation {
    private let channel: Channel
    private let host: String
    private let token: String
    private var buffer: [UInt8] = []
    /// The last lines that are not messages, for errors.
    private var otherOutput: [String] = []

    /// Scripts send a message every second. After this time without any, the connection counts as lost.
    private static let silenceLimit: Duration = .seconds(30)

    /// Starts a script of ``BuildScripts``.
    init(_ script: String, _ arguments: [String], folder: String, on connection: Connection) async throws {
        token = (0..<4).map { _ in String(UInt32.random(in: 0...UInt32.max), radix: 36) }.joined()
        host = connection.host
        // A login shell: Swift is rarely in the PATH that sshd sets.
        channel = try await connection.exec(
            "exec " + ShellQuoting.quote(["sh", "-l", "-c", script, "propel", folder, token] + arguments))
    }

    /// The next message, as its first word and the rest; nil at the end.
    /// - Throws: ``BuildError`` for the message “failed”; `TransportError.linkLost`.
    func next() async throws -> (word: String, rest: String)? {
        while let line = try await nextLine() {
            guard let range = line.range(of: "propel:\(token):") else {
                otherOutput = otherOutput.suffix(20) + [line]
                continue
            }
            let parts = line[range.upperBound...].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                .map(String.init)
            let rest = parts.count > 1 ? parts[1] : ""
            guard parts[0] != "failed" else { throw BuildError(description: "\(host): \(rest)") }
            return (parts[0], rest)
        }
        return nil
    }

    /// Waits for the message with a word, and returns the rest of it.
    func expect(_ word: String) async throws -> String {
        while let message = try await next() { if message.word == word { return message.rest } }
        throw BuildError(
            description: "\(host): the build script ended unexpectedly\n\(otherOutput.joined(separator: "\n"))")
    }

    private func nextLine() async throws -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                defer { buffer.removeSubrange(...end) }
                return String(decoding: buffer[..<end], as: UTF8.self)
            }
            guard let bytes = try await nextBytes() else { return nil }
            buffer += bytes
        }
    }

    /// The next bytes of standard output.
    private func nextBytes() async throws -> [UInt8]? {
        let watchdog = Watchdog(limit: Self.silenceLimit) { [channel] in await channel.close() }
        defer { watchdog.stop() }
        do {
            while let output = try await channel.next() {
                watchdog.reset()
                switch output {
                case .standardOutput(let bytes): return bytes
                case .standardError(let bytes):
                    otherOutput = otherOutput.suffix(20) + [String(decoding: bytes, as: UTF8.self)]
                }
            }
            return nil
        } catch {
            guard watchdog.didTimeOut else { throw error }
            throw TransportError.linkLost(host: host, reason: "no message for \(Self.silenceLimit.inWords)")
        }
    }

    /// Sends the raw bytes that a script reads.
    func send(_ bytes: [UInt8]) async throws { try await channel.write(bytes) }

    /// Reads the raw bytes after the last message, in pieces.
    func read(_ body: ([UInt8]) throws -> Void) async throws {
        if !buffer.isEmpty { try body(buffer) }
        buffer = []
        while let bytes = try await nextBytes() { try body(bytes) }
    }

    func close() async { await channel.close() }
}
