import Propel
import SSHTransport
import Foundation

/// A script on a build host, and what it tells.
final class BuildConversation {
    private let channel: Channel
    private let host: String
    private let token: String
    private var buffer: [UInt8] = []
    private var noise: [String] = []

    /// Scripts say something every second. Where one does not for so long, the link is dead.
    private static let silenceLimit: Duration = .seconds(30)

    /// Starts a script of ``BuildScripts``.
    init(_ script: String, _ arguments: [String], folder: String, on connection: Connection) async throws {
        token = (0..<4).map { _ in String(UInt32.random(in: 0...UInt32.max), radix: 36) }.joined()
        host = connection.host
        // A login shell's PATH: Swift is rarely in the one that sshd gives.
        channel = try await connection.exec(
            "exec " + ShellQuoting.quote(["sh", "-l", "-c", script, "propel", folder, token] + arguments))
    }

    /// The next thing that the script tells, as word and rest; nil at the end.
    /// - Throws: ``BuildError`` where it tells of a failure; `TransportError.linkLost`.
    func next() async throws -> (word: String, rest: String)? {
        while let line = try await nextLine() {
            guard let range = line.range(of: "propel:\(token):") else {
                noise = noise.suffix(20) + [line]
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

    /// Waits for a certain word, and answers with its rest.
    func expect(_ word: String) async throws -> String {
        while let told = try await next() { if told.word == word { return told.rest } }
        throw BuildError(
            description: "\(host): the build's script ended before its end\n\(noise.joined(separator: "\n"))")
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

    /// Standard output as it comes.
    private func nextBytes() async throws -> [UInt8]? {
        let watchdog = Watchdog(limit: Self.silenceLimit) { [channel] in await channel.close() }
        defer { watchdog.stop() }
        do {
            while let output = try await channel.next() {
                watchdog.reset()
                switch output {
                case .standardOutput(let bytes): return bytes
                case .standardError(let bytes): noise = noise.suffix(20) + [String(decoding: bytes, as: UTF8.self)]
                }
            }
            return nil
        } catch {
            guard watchdog.didTimeOut else { throw error }
            throw TransportError.linkLost(host: host, reason: "nothing was heard for \(Self.silenceLimit.inWords)")
        }
    }

    func send(_ bytes: [UInt8], progress: (Int) -> Void) async throws {
        var sent = 0
        while sent < bytes.count {
            let part = bytes[sent..<min(sent + 1 << 16, bytes.count)]
            try await channel.write(part)
            sent += part.count
            progress(sent)
        }
    }

    /// All that comes behind the last mark, in pieces.
    func read(_ body: ([UInt8]) throws -> Void) async throws {
        if !buffer.isEmpty { try body(buffer) }
        buffer = []
        while let bytes = try await nextBytes() { try body(bytes) }
    }

    func close() async { await channel.close() }
}
