import Libc

/// The end of a ``Transfer`` where its files go to.
///
/// It tells what it has of them already, and takes the pieces that come. What has arrived of one that is cut short counts in the next.
struct Receiving {
    let transfer: Transfer
    let emit: @Sendable (Event) -> Void

    /// - Parameter instructions: where the pieces come from, and word that these were all.
    func run(_ instructions: LineReader, on machine: Machine) async throws {
        guard let directory = transfer.directory else { return emit(.answer(["complete": true])) }
        if try machine.files.status(of: directory) == nil {
            try machine.files.createDirectory(directory, mode: 0o700, owner: .root)
        }
        let arrived = try Sending.sizes(in: directory, on: machine)
        emit(
            .answer(["arrived": .object(Dictionary(uniqueKeysWithValues: arrived.map { ($0.file, .integer($0.size)) }))]
            ))
        try await BlockingThread.run { [self] in
            var instructions = instructions
            try take(&instructions, into: directory)
        }
        try await transfer.completion()
    }

    private func take(_ instructions: inout LineReader, into directory: FilePath) throws {
        var open: (name: String, file: FileDescriptor, size: Int)?
        func close() throws {
            guard let (name, file, _) = open else { return }
            open = nil
            defer { try? file.close() }
            guard fsync(file.rawValue) == 0 else { throw Self.failure(name, Errno(rawValue: errno)) }
        }
        defer { try? open?.file.close() }
        while let line = try instructions.next() {
            switch try Instruction(JSON(parsing: line)) {
            case .piece(let piece):
                if open?.name != piece.file {
                    try close()
                    let file = try FileDescriptor.open(
                        directory.appending(piece.file), .writeOnly, options: [.create, .noFollow, .closeOnExec],
                        permissions: .ownerReadWrite)
                    open = (piece.file, file, Int(try file.seek(offset: 0, from: .end)))
                }
                let bytes = try instructions.bytes(count: piece.size)
                // What comes once more is the same: an end whose link was lost may still be at it beside this one.
                guard let (name, file, size) = open, piece.offset <= size else {
                    throw Failure(
                        "a piece of \(piece.file) came that does not follow what is there", advice: "Run again.")
                }
                do { try file.writeAll(toAbsoluteOffset: Int64(piece.offset), bytes) } catch let error as Errno {
                    throw Self.failure(name, error)
                }
                open = (name, file, max(size, piece.offset + bytes.count))
            case .whole: return try close()
            case .interrupt: throw CancellationError()
            case .secret: throw MalformedMessage(message: line)
            }
        }
        throw Failure("the link was lost before all had come", advice: "Run again.")
    }

    private static func failure(_ name: String, _ error: Errno) -> Failure {
        error == .noSpace
            ? Failure(
                "\(name) cannot be written: the disk is full",
                advice: "Make room on that machine (see `df -h`), then run again.")
            : Failure(
                "\(name) cannot be written: \(error)", advice: "Look at the disk of that machine, then run again.")
    }
}
