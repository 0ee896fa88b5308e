import Foundation
import Propel
import SystemPackage

/// A question to the user at the terminal, which can be withdrawn until it is answered.
final class Question: Sendable {
    private let text: String
    private let echo: Bool
    private let terminal: Int32
    /// A pipe that has a byte in it once the question is withdrawn.
    private let withdrawal: (readEnd: FileDescriptor, writeEnd: FileDescriptor)

    /// - Throws: `Errno` if the process has no file descriptor left.
    init(_ text: String, echo: Bool, at terminal: Int32) throws {
        (self.text, self.echo, self.terminal) = (text, echo, terminal)
        withdrawal = try FileDescriptor.pipe()
        for end in [withdrawal.readEnd, withdrawal.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        try? withdrawal.readEnd.close()
        try? withdrawal.writeEnd.close()
    }

    /// Withdraws the question, whether it is on the screen or waits for its turn. From any thread.
    func withdraw() { _ = try? withdrawal.writeEnd.writeAll(CollectionOfOne(0)) }

    /// Asks, and waits for a line.
    /// - Throws: `CancellationError` if the question is withdrawn, ``Interrupted`` at the end of the input (Ctrl-D).
    func ask() throws -> String {
        var line: [UInt8] = []
        // The line never grows, so that no copy of it stays in memory.
        line.reserveCapacity(Self.longestLine)
        defer { for index in line.indices { line[index] = 0 } }
        try ask { line.append($0) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Asks, and waits for a line that stays in locked memory.
    /// - Throws: as ``ask()``, and ``UsageError`` for a line that is longer than terminals take.
    func askForSecret() throws -> SecretBytes {
        try SecretBytes(capacity: Self.longestLine) { memory in
            var count = 0
            try ask { byte in
                guard count < Self.longestLine - 1 else {
                    throw UsageError(
                        description:
                            "the line is longer than the \(Self.longestLine - 2) bytes that a terminal takes\nUse "
                            + "--file, or standard input."
                    )
                }
                memory[count] = byte
                count += 1
            }
            return count
        }
    }

    /// In bytes, with the newline (termios(3), canonical mode).
    private static let longestLine = 4096

    /// - Parameter keep: called with each byte of the line.
    private func ask(_ keep: (UInt8) throws -> Void) throws {
        guard !isWithdrawn else { throw CancellationError() }
        if !echo { Echo.hide(on: terminal) }
        defer { if !echo { Echo.restore() } }
        _ = Array(text.utf8).withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
        var byte: UInt8 = 0
        while true {
            var sources = [terminal, withdrawal.readEnd.rawValue].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            if poll(&sources, nfds_t(sources.count), -1) < 0 {
                guard errno == EINTR else { throw Interrupted() }
                continue
            }
            guard sources[1].revents == 0 else {
                // The input typed so far was for this question, not for the shell.
                tcflush(terminal, TCIFLUSH)
                throw CancellationError()
            }
            let count = read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw Interrupted() }
            if byte == 0x0A { return }
            try keep(byte)
        }
    }

    private var isWithdrawn: Bool {
        var source = pollfd(fd: withdrawal.readEnd.rawValue, events: Int16(POLLIN), revents: 0)
        return poll(&source, 1, 0) > 0
    }
}
