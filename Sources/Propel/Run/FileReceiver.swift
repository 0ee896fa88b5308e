import Libc

/// Receives the files of a ``FileTransfer`` from another host.
///
/// It reports how much of each file it has already, and writes the pieces that come. What an interrupted transfer has
/// brought counts in the next one.
struct FileReceiver {
    let transfer: FileTransfer
    let emit: @Sendable (Event) -> Void

    /// - Parameter instructions: the pieces, and the instruction that these were all.
    func run(_ instructions: LineReader, on machine: Machine) async throws {
        guard let directory = transfer.directory else { return emit(.answer(["complete": true])) }
        if try machine.files.status(of: directory) == nil {
            try machine.files.createDirectory(directory, mode: 0o700, owner: .root)
        }
        let arrived = try FileSender.sizes(in: directory, on: machine)
        emit(
            .answer(["arrived": .object(Dictionary(uniqueKeysWithValues: arrived.map { ($0.file, .integer($0.size)) }))]
            ))
        try await BlockingThread.run { [self] in
            var instructions = instructions
            try receive(&instructions, into: directory)
        }
        try await transfer.completion()
    }

    private func receive(_ instructions: inout LineReader, into directory: FilePath) throws {
        var open: (name: String, file: FileDescriptor, size: Int)?
        func close() throws {
            guard let (name, file, _) = open else { return }
            open = nil
            defer { try? file.close() }
            guard fsync(file.rawValue) == 0 else { throw Self.failure(name, Errno(rawValue: errno)) }
        }
        defer { try? open?.file.close() }
        while let line = try instructions.next() {
            switch try Instruction(JSON(line: line)) {
            case .piece(let piece):
                if open?.name != piece.file {
                    try close()
                    let file = try FileDescriptor.open(
                        own: directory.appending(piece.file), .writeOnly, options: [.create, .noFollow, .closeOnExec],
                        permissions: .ownerReadWrite)
                    open = (piece.file, file, Int(try file.seek(offset: 0, from: .end)))
                }
                let bytes = try instructions.bytes(count: piece.size)
                // A piece that comes twice has the same bytes: a receiver whose link was lost may still write beside
                // this one.
                guard let (name, file, size) = open, piece.offset <= size else {
                    throw Failure("a piece of \(piece.file) is missing", advice: "Run again.")
                }
                do { try file.writeAll(toAbsoluteOffset: Int64(piece.offset), bytes) } catch let error as Errno {
                    throw Self.failure(name, error)
                }
                open = (name, file, max(size, piece.offset + bytes.count))
            case .complete: return try close()
            case .interrupt: throw CancellationError()
            case .secret, .unavailable, .unconfirmed, .decide: throw MalformedMessage(message: line)
            }
        }
        throw Failure("the connection was lost before all files had arrived", advice: "Run again.")
    }

    private static func failure(_ name: String, _ error: Errno) -> Failure {
        error == .noSpace
            ? Failure(
                "\(name) cannot be written: the disk is full",
                advice: "Make room on that machine (see `df -h` and `df -i`), then run again.")
            : Failure(
                "\(name) cannot be written: \(error)", advice: "Look at the disk of that machine, then run again.")
    }
}
