/// Sends the files of a ``FileTransfer`` to another host.
///
/// It reports the size of all files, and sends what the receiver does not have yet.
struct FileSender {
    let transfer: FileTransfer
    /// How many bytes of each file the receiver has.
    let arrived: [String: Int]
    /// Emits an event, with the bytes that follow it.
    let emit: @Sendable (Event, [UInt8]) throws -> Void

    func run(on machine: Machine) async throws {
        guard let directory = transfer.directory else { throw Failure("there is nothing to send") }
        let sizes = try Self.sizes(in: directory, on: machine)
        emitIgnoringErrors(.answer(["bytes": .integer(sizes.map(\.size).reduce(0, +))]))
        try await BlockingThread.run { [self] in
            for (file, size) in sizes { try send(file, size, in: directory) }
        }
        emitIgnoringErrors(.answer(["sent": .bool(true)]))
    }

    /// If the output is closed, the next read from standard input fails.
    private func emitIgnoringErrors(_ event: Event) { try? emit(event, []) }

    /// The files of a directory with their sizes, sorted by name.
    static func sizes(in directory: FilePath, on machine: Machine) throws -> [(file: String, size: Int)] {
        try machine.files.list(directory).map { name in
            guard Piece.isName(name), let status = try machine.files.status(of: directory.appending(name)),
                status.kind == .file
            else {
                throw Failure(
                    "unexpected entry \(name.debugDescription) in \(directory), which Propel did not create",
                    advice: "Remove it, then run again.")
            }
            return (name, status.size)
        }
    }

    private func send(_ name: String, _ size: Int, in directory: FilePath) throws {
        var offset = arrived[name] ?? 0
        guard offset <= size else {
            throw Failure("the other host has more of \(name) than there is", advice: "Run again.")
        }
        let file = try FileDescriptor.open(
            own: directory.appending(name), .readOnly, options: [.noFollow, .closeOnExec])
        defer { try? file.close() }
        // An empty file is one piece without bytes.
        repeat {
            let count = min(Piece.limit, size - offset)
            let bytes = try file.bytes(from: Int64(offset), count: count)
            guard bytes.count == count else {
                throw Failure("\(name) became shorter while it was sent", advice: "Run again.")
            }
            try emit(.piece(Piece(file: name, offset: offset, size: count)), bytes)
            offset += count
        } while offset < size
    }
}
