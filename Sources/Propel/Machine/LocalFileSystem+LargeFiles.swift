import Libc

/// Files that may be large are read and written in pieces, so that they take a constant amount of memory.
extension LocalFileSystem {
    /// The size of a piece in bytes.
    private static let pieceSize = 256 * 1024

    public func compare(
        _ path: FilePath, with bytes: [UInt8]
    ) throws(FileError) -> (isSame: Bool, status: FileStatus) {
        let location = try Location(path, "read")
        let (descriptor, status) = try openFile(at: location, path)
        defer { close(descriptor) }
        guard status.size == bytes.count else { return (false, status) }
        var offset = 0, isSame = true
        try readPieces(of: descriptor, at: location) { piece in
            isSame =
                piece.count <= bytes.count - offset
                && bytes.withUnsafeBytes { memory in
                    guard let expected = memory.baseAddress, let found = piece.baseAddress else { return false }
                    return memcmp(expected + offset, found, piece.count) == 0
                }
            offset += piece.count
            return isSame
        }
        return (isSame && offset == bytes.count, status)
    }

    public func hash(of path: FilePath) throws(FileError) -> String {
        let location = try Location(path, "read")
        let (descriptor, status) = try openFile(at: location, path)
        defer { close(descriptor) }
        guard status.size <= FileStatus.copyLimit else { throw FileError("read", path, .fileTooLarge) }
        var hash = SHA256()
        try readPieces(of: descriptor, at: location) { piece in
            hash.update(UnsafeRawBufferPointer(piece))
            return true
        }
        return hash.finish()
    }

    public func stage(
        copyOf source: FilePath, for path: FilePath, mode: ModeBits, owner: Owner
    ) throws(FileError) -> FilePath {
        let from = try Location(source, "copy")
        let (input, status) = try openFile(at: from, source)
        defer { close(input) }
        guard status.size <= FileStatus.copyLimit else { throw FileError("copy", source, .fileTooLarge) }
        return try stage(for: path, mode: mode, owner: owner) { (output, location) throws(FileError) in
            var failure: FileError?
            var size: off_t = 0
            try readPieces(of: input, at: from) { piece in
                size += off_t(piece.count)
                // It may grow while it is read.
                guard size <= FileStatus.copyLimit else {
                    failure = FileError("copy", source, .fileTooLarge)
                    return false
                }
                do throws(FileError) {
                    // A file with holes keeps them: a user could make one that is larger than the disk.
                    if piece.isZero {
                        try location.attempt { _, _ in lseek(output, off_t(piece.count), SEEK_CUR) < 0 ? -1 : 0 }
                    } else {
                        try write(piece, to: output, at: location)
                    }
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
            if let failure { throw failure }
            try location.attempt { _, _ in ftruncate(output, size) }
        }
    }

    public func write(_ bytes: [UInt8], to path: FilePath, at offset: Int) throws(FileError) {
        let location = try Location(path, "write")
        let flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let descriptor = try location.attempt { openat($0, $1, flags, 0o600) }
        defer { close(descriptor) }
        try location.attempt { _, _ in lseek(descriptor, off_t(offset), SEEK_SET) < 0 ? -1 : 0 }
        // Typed throws do not pass through withUnsafeBytes.
        let result = bytes.withUnsafeBytes { memory in
            Result { () throws(FileError) in try write(memory, to: descriptor, at: location) }
        }
        try result.get()
    }

    /// Opens a regular file for reading.
    func openFile(at location: borrowing Location, _ path: FilePath) throws(FileError) -> (Int32, FileStatus) {
        // Non-blocking: a FIFO in the place of the file must not block the run.
        let descriptor = try location.attempt { openat($0, $1, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        do throws(FileError) {
            var status = stat()
            try location.attempt { _, _ in fstat(descriptor, &status) }
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw FileError("read", path, status.st_mode & S_IFMT == S_IFDIR ? .isDirectory : .invalidArgument)
            }
            return (descriptor, FileStatus(status))
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Reads a file to its end, as long as `body` returns true.
    private func readPieces(
        of descriptor: Int32, at location: borrowing Location, _ body: (UnsafeRawBufferPointer) -> Bool
    ) throws(FileError) {
        var piece = [UInt8](repeating: 0, count: Self.pieceSize)
        // It may be a key.
        defer { piece.wipe() }
        while true {
            let count = try location.attempt { _, _ in
                Int32(piece.withUnsafeMutableBytes { Libc.read(descriptor, $0.baseAddress, $0.count) })
            }
            guard count > 0 else { return }
            let goesOn = piece.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<Int(count)])) }
            if !goesOn { return }
        }
    }

    /// Writes all bytes.
    func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at location: borrowing Location
    ) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            // As much as a Int32 counts.
            let count = min(bytes.count - offset, 1 << 30)
            offset += Int(
                try location.attempt { _, _ in
                    Int32(Libc.write(descriptor, bytes.baseAddress.map { $0 + offset }, count))
                })
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether there are only NULs.
    fileprivate var isZero: Bool {
        guard let start = baseAddress, let first, first == 0 else { return false }
        return memcmp(start, start + 1, count - 1) == 0
    }
}
