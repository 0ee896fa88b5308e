extension FileDescriptor {
    /// Reads what is there, at most `limit` bytes; empty at the end. Blocks until there is something.
    func part(upTo limit: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: limit) { space, filled in
            filled = try read(into: UnsafeMutableRawBufferPointer(start: space.baseAddress, count: limit))
        }
    }

    /// Reads `count` bytes; fewer if the file ends.
    func bytes(from offset: Int64, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { space, filled in
            filled = try readAll(
                from: offset, into: UnsafeMutableRawBufferPointer(start: space.baseAddress, count: count))
        }
    }

    /// Reads until `memory` is full or the file ends.
    private func readAll(from offset: Int64, into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        var filled = 0
        while filled < memory.count {
            let count = try read(
                fromAbsoluteOffset: offset + Int64(filled),
                into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
