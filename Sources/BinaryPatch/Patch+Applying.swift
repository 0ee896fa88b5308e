extension Patch {
    /// How many bytes are in memory at a time.
    private static let blockSize = 64 << 10

    /// Makes the new file from the base and a patch, a block at a time.
    ///
    /// Every number in the patch is checked, so a damaged one reads nothing outside of the base and writes no more than
    /// the size that it declares. Whether the base is the right one only a hash of the result can tell.
    ///
    /// - Parameters:
    ///   - size: of the base.
    ///   - read: returns bytes of the base: `count` of them from `offset`.
    ///   - next: returns the next bytes of the patch; none at its end.
    ///   - write: takes the next bytes of the new file.
    /// - Throws: ``Invalid``, or what the functions throw.
    public static func apply(
        toBaseOf size: Int, read: (_ offset: Int, _ count: Int) throws -> [UInt8], next: @escaping () throws -> [UInt8],
        write: ([UInt8]) throws -> Void
    ) throws {
        var patch = PatchReader(next: next)
        for byte in signature {
            guard try patch.byte() == byte else { throw Invalid(description: "it is no patch") }
        }
        guard try patch.number(upTo: sizeLimit) == size else {
            throw Invalid(description: "the patch is for another file")
        }
        var missing = try patch.number(upTo: sizeLimit)
        while missing > 0 {
            var offset = try patch.number(upTo: size)
            var similar = try patch.number(upTo: min(missing, size - offset))
            var added = try patch.number(upTo: missing - similar)
            guard similar + added > 0 else { throw Invalid(description: "a part of the patch is empty") }
            missing -= similar + added

            var run = (equal: 0, different: 0)
            while similar > 0 {
                var block = try read(offset, min(similar, blockSize))
                guard block.count == min(similar, blockSize) else {
                    throw Invalid(description: "the base became shorter")
                }
                var done = 0
                while done < block.count {
                    if run.equal + run.different == 0 {
                        run.equal = try patch.number(upTo: similar - done)
                        run.different = try patch.number(upTo: similar - done - run.equal)
                        guard run.equal + run.different > 0 else {
                            throw Invalid(description: "a run of the patch is empty")
                        }
                    }
                    let equal = min(run.equal, block.count - done)
                    run.equal -= equal
                    done += equal
                    let different = min(run.different, block.count - done)
                    run.different -= different
                    for _ in 0..<different {
                        block[done] &+= try patch.byte()
                        done += 1
                    }
                }
                try write(block)
                offset += block.count
                similar -= block.count
            }
            while added > 0 {
                let block = try patch.bytes(upTo: min(added, blockSize))
                try write(block)
                added -= block.count
            }
        }
        guard try patch.isAtEnd() else { throw Invalid(description: "the patch goes on after its end") }
    }
}

/// Reads numbers and bytes from a patch that arrives in pieces.
private struct PatchReader {
    let next: () throws -> [UInt8]
    private var piece: [UInt8] = []
    private var position = 0

    init(next: @escaping () throws -> [UInt8]) { self.next = next }

    mutating func isAtEnd() throws -> Bool {
        if position == piece.count {
            piece = try next()
            position = 0
        }
        return piece.isEmpty
    }

    mutating func byte() throws -> UInt8 {
        guard try !isAtEnd() else { throw Patch.Invalid(description: "the patch is cut off") }
        defer { position += 1 }
        return piece[position]
    }

    /// The next bytes: `limit` of them, or fewer, but at least one.
    mutating func bytes(upTo limit: Int) throws -> [UInt8] {
        guard try !isAtEnd() else { throw Patch.Invalid(description: "the patch is cut off") }
        let end = min(piece.count, position + limit)
        defer { position = end }
        return Array(piece[position..<end])
    }

    /// A number that is at most `limit`, which is at most 2³⁰.
    mutating func number(upTo limit: Int) throws -> Int {
        var value = 0
        for shift in stride(from: 0, through: 28, by: 7) {
            let digit = try byte()
            value |= Int(digit & 0x7f) << shift
            if digit & 0x80 == 0 {
                guard value <= limit else { break }
                return value
            }
        }
        throw Patch.Invalid(description: "a number in the patch is too large")
    }
}
