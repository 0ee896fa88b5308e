import Foundation
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
        guard !isWithdrawn else { throw CancellationError() }
        if !echo { Echo.hide(on: terminal) }
        defer { if !echo { Echo.restore() } }
        _ = Array(text.utf8).withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
        return try answer()
    }

    private func answer() throws -> String {
        var line: [UInt8] = []
        // The longest line that a terminal gives (termios(3), canonical mode). With room for it no copy is left behind.
        line.reserveCapacity(4096)
        defer { for index in line.indices { line[index] = 0 } }
        var byte: UInt8 = 0
        while true {
            var sources = [terminal, withdrawal.readEnd.rawValue].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
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
            if byte == 0x0A { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }

    private var isWithdrawn: Bool {
        var source = pollfd(fd: withdrawal.readEnd.rawValue, events: Int16(POLLIN), revents: 0)
        return poll(&source, 1, 0) > 0
    }
}
