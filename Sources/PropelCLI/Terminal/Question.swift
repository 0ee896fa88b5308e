import Foundation
import Propel
import SystemPackage

/// A question to the person at the terminal, which can be withdrawn while nobody has answered.
final class Question: Sendable {
    private let text: String
    private let echo: Bool
    private let terminal: Int32
    /// A pipe with something in it once the question is withdrawn.
    private let withdrawal: (readEnd: FileDescriptor, writeEnd: FileDescriptor)

    /// - Throws: `Errno` where the process has no file descriptor left.
    init(_ text: String, echo: Bool, at terminal: Int32) throws {
        (self.text, self.echo, self.terminal) = (text, echo, terminal)
        withdrawal = try FileDescriptor.pipe()
        for end in [withdrawal.readEnd, withdrawal.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        try? withdrawal.readEnd.close()
        try? withdrawal.writeEnd.close()
    }

    /// Ends the question, whether it is asked already or waits for its turn. From any thread.
    func withdraw() { _ = try? withdrawal.writeEnd.writeAll(CollectionOfOne(0)) }

    /// Asks, and waits for a line.
    /// - Throws: `CancellationError` where it is withdrawn, ``Interrupted`` where the person ends the input (Ctrl-D).
    func ask() throws -> String {
        var line: [UInt8] = []
        // With room for the longest no copy is left behind.
        line.reserveCapacity(Self.longestLine)
        defer { for index in line.indices { line[index] = 0 } }
        try ask { line.append($0) }
        return String(decoding: line, as: UTF8.self)
    }

    /// Asks, and waits for a line, of which nothing is left in memory but the answer.
    /// - Throws: also ``UsageError`` for a line that a terminal cuts off.
    func askForSecret() throws -> SecretBytes {
        try SecretBytes(capacity: Self.longestLine) { memory in
            var count = 0
            try ask { byte in
                guard count < Self.longestLine - 1 else {
                    throw UsageError(
                        description:
                            "a terminal takes no line of more than \(Self.longestLine - 2) bytes\nGive it with --file, or on standard input."
                    )
                }
                memory[count] = byte
                count += 1
            }
            return count
        }
    }

    /// In bytes, with the end of the line (termios(3), canonical mode).
    private static let longestLine = 4096

    /// - Parameter keep: gets the bytes of the line one by one.
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
                // What has been typed so far was for this question, not for the shell.
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
