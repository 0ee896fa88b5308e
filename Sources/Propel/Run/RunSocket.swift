import CLinux
import Libc
import Synchronization

/// The socket in the directory of a run, through which those who have joined the run are asked and answer.
///
/// The connection that began a run may be lost while the run waits for a secret, a file or a confirmation. Only root
/// reaches the socket: the directory has the mode 0700.
final class RunSocket: Sendable {
    private let listener: FileDescriptor
    private let path: FilePath
    /// The connections, by their numbers.
    private let viewers = Mutex<[Int: FileDescriptor]>([:])

    /// Listens.
    /// - Throws: `Errno`; a file system without sockets is no reason not to run.
    init(at path: FilePath) throws {
        let raw = propel_listen_local(path.string)
        guard raw >= 0 else { throw Errno(rawValue: -raw) }
        listener = FileDescriptor(rawValue: raw)
        self.path = path
        chmod(path.string, 0o600)
    }

    deinit { try? listener.close() }

    /// Serves those who join, on separate threads, until ``close()``.
    /// - Parameters:
    ///   - open: what the run is waiting for now.
    ///   - follow: follows the instructions of one of them until it leaves.
    func serve(
        open: @escaping @Sendable () -> [OpenRequest], follow: @escaping @Sendable (inout LineReader) -> Void
    ) {
        BlockingThread.start { [self] in
            var number = 0
            while true {
                let raw = propel_accept(listener.rawValue)
                if raw < 0, errno == EINTR || errno == ECONNABORTED { continue }
                guard raw >= 0 else { return }
                number += 1
                let viewer = FileDescriptor(rawValue: raw), key = number
                viewers.withLock { viewers in
                    viewers[key] = viewer
                    // Nothing that is asked from now on is missed; what is asked at this moment may be told twice.
                    for request in open() { Self.send(request, to: viewer) }
                }
                let result = BlockingThread.start { [self] in
                    var lines = LineReader(descriptor: viewer)
                    follow(&lines)
                    leave(key)
                }
                if result != 0 { leave(key) }
            }
        }
    }

    /// Asks those who have joined.
    func send(_ request: OpenRequest) {
        viewers.withLock { viewers in
            for viewer in viewers.values { Self.send(request, to: viewer) }
        }
    }

    /// Stops listening. Those who have joined stay until they leave, or the process ends.
    func close() {
        unlink(path.string)
        shutdown(listener.rawValue, Int32(SHUT_RDWR))
    }

    /// Closed under the lock: nobody may write to a descriptor that has another meaning by now.
    private func leave(_ key: Int) {
        viewers.withLock { viewers in
            if let viewer = viewers.removeValue(forKey: key) { try? viewer.close() }
        }
    }

    /// The run never waits for a viewer. One that does not read is cut off.
    private static func send(_ request: OpenRequest, to viewer: FileDescriptor) {
        let line = RunAnswer.open(request).json.line
        let sent = line.withUnsafeBytes { propel_send_at_once(viewer.rawValue, $0.baseAddress, $0.count) }
        if sent != line.count { shutdown(viewer.rawValue, Int32(SHUT_RDWR)) }
    }
}

/// The connection of a viewer to the run that it has joined.
final class RunSocketConnection: Sendable {
    let descriptor: FileDescriptor

    /// Nil if the run cannot be told anything: it has ended, or is one of an earlier version.
    init?(to socket: FilePath) {
        let raw = propel_connect_local(socket.string)
        guard raw >= 0 else { return nil }
        descriptor = FileDescriptor(rawValue: raw)
    }

    deinit { try? descriptor.close() }

    /// Reads what the run asks for, on another thread, until it ends.
    func readRequests(_ receive: @escaping @Sendable (RunAnswer) -> Void) {
        BlockingThread.start { [self] in
            var lines = LineReader(descriptor: descriptor)
            while let line = try? lines.next() {
                guard let json = try? JSON(line: line), let answer = try? RunAnswer(json) else { return }
                receive(answer)
            }
        }
    }

    /// Passes instructions on as they arrive, each as a whole, until there are no more. Blocks.
    /// - Throws: `Errno`, ``MalformedMessage`` if they cannot be read. A run that has ended takes none.
    func forward(_ instructions: inout LineReader) throws {
        while let line = try instructions.next() {
            let head = Array((line + "\n").utf8)
            switch try Instruction(JSON(line: line)) {
            case .secret(_, let size):
                let plaintext = try instructions.secret(size: size)
                if write(head) { plaintext.withUnsafeBytes { _ = write($0) } }
            case .piece(let piece):
                let bytes = try instructions.bytes(count: piece.size)
                if write(head) { _ = write(bytes) }
            case .interrupt, .unavailable, .unconfirmed, .decide, .complete: _ = write(head)
            }
        }
    }

    private func write(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { write($0) } }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            let count = propel_send(descriptor.rawValue, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Ends the connection; the thread that reads requests ends with it.
    func close() { shutdown(descriptor.rawValue, Int32(SHUT_RDWR)) }
}
