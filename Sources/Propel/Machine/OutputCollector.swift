import Libc
import Synchronization

/// Collects what a program prints, in memory of a limited size.
///
/// A thread reads all the time, so the program never waits. It ends with the program, although a daemon that the
/// program has left behind may keep the pipes open.
final class OutputCollector: Sendable {
    private struct State {
        var output = BoundedOutput()
        var errors = BoundedOutput()
        var hasEnded = false
        /// Whether the write ends are still open here.
        var isWritable = true
    }

    private let state = Mutex(State())
    private let output: OutputPipe
    private let errors: OutputPipe
    /// Closed to wake the thread.
    private let alarm: (readEnd: FileDescriptor, writeEnd: FileDescriptor)

    /// For the standard output of the program.
    var outputDescriptor: FileDescriptor { output.writeEnd }
    /// For the standard error of the program.
    var errorsDescriptor: FileDescriptor { errors.writeEnd }

    /// Starts to collect. Must be followed by ``finish()``.
    init() throws {
        let output = try OutputPipe()
        do {
            let errors = try OutputPipe()
            do {
                let alarm = try OutputPipe()
                self.alarm = (alarm.readEnd, alarm.writeEnd)
            } catch {
                errors.close()
                throw error
            }
            self.errors = errors
        } catch {
            output.close()
            throw error
        }
        self.output = output
        let result = BlockingThread.start { [self] in collect() }
        guard result == 0 else {
            closeReadEnds()
            for end in [output.writeEnd, errors.writeEnd, alarm.writeEnd] { try? end.close() }
            throw Errno(rawValue: result)
        }
    }

    /// The last bytes of the standard output so far.
    func lastOutput(_ count: Int) -> [UInt8] { state.withLock { $0.output.suffix(count) } }

    /// Ends the collection, after the program has ended.
    /// - Returns: the standard output and the standard error.
    func finish() -> (output: BoundedOutput, errors: BoundedOutput) {
        closeWriteEnds()
        let result = state.withLock { state in
            state.hasEnded = true
            // Not to the end: a daemon that was left behind may print forever.
            Self.read(output, into: &state.output, atMost: OutputPipe.capacity)
            Self.read(errors, into: &state.errors, atMost: OutputPipe.capacity)
            for pipe in [output, errors] where pipe.hasWriter { OrphanedOutput(pipe).discard() }
            return (state.output, state.errors)
        }
        try? alarm.writeEnd.close()
        return result
    }

    /// Closes what only the program needs, once it has been started.
    func closeWriteEnds() {
        state.withLock { state in
            guard state.isWritable else { return }
            state.isWritable = false
            for end in [output.writeEnd, errors.writeEnd] { try? end.close() }
        }
    }

    private func collect() {
        defer { closeReadEnds() }
        var waiting = [output.readEnd, errors.readEnd, alarm.readEnd].map {
            pollfd(fd: $0.rawValue, events: Int16(POLLIN), revents: 0)
        }
        while true {
            guard poll(&waiting, nfds_t(waiting.count), -1) >= 0 else { continue }
            // A pipe that nobody writes to any longer, and that is empty, is not waited for.
            for index in 0..<2 where Int32(waiting[index].revents) & (POLLIN | POLLHUP) == POLLHUP {
                waiting[index].fd = -1
            }
            let hasEnded = state.withLock { state in
                guard !state.hasEnded else { return true }
                if waiting[0].revents != 0 { Self.read(output, into: &state.output, atMost: Self.pieceSize) }
                if waiting[1].revents != 0 { Self.read(errors, into: &state.errors, atMost: Self.pieceSize) }
                return false
            }
            if hasEnded { return }
        }
    }

    private static let pieceSize = 256 * 1024

    /// Reads what is there, up to a limit.
    private static func read(_ pipe: OutputPipe, into output: inout BoundedOutput, atMost limit: Int) {
        var rest = limit
        withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 16) { memory in
            while rest > 0 {
                let space = UnsafeMutableRawBufferPointer(rebasing: memory[..<min(memory.count, rest)])
                guard let count = try? pipe.readEnd.read(into: space), count > 0 else { return }
                output.append(UnsafeRawBufferPointer(rebasing: space[..<count]))
                rest -= count
            }
        }
    }

    private func closeReadEnds() { for end in [output.readEnd, errors.readEnd, alarm.readEnd] { try? end.close() } }
}

extension OutputPipe {
    fileprivate func close() {
        try? readEnd.close()
        try? writeEnd.close()
    }
}
