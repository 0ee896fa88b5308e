extension Patch {
    /// The most bytes that are in memory at a time.
    fileprivate static let blockSize = 64 << 10

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
            let offset = try patch.number(upTo: size)
            let similar = try patch.number(upTo: min(missing, size - offset))
            let added = try patch.number(upTo: missing - similar)
            guard similar + added > 0 else { throw Invalid(description: "a part of the patch is empty") }
            missing -= similar + added
            try patch.copy(similar, from: offset, of: read, to: write)
            try patch.copy(added, to: write)
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

extension PatchReader {
    /// A number of bytes that are those of the base, and of bytes after them that differ.
    private struct Run {
        var equal = 0
        var different = 0
    }

    /// Copies bytes of the base, with the differences that the patch has for them.
    fileprivate mutating func copy(
        _ count: Int, from offset: Int, of read: (_ offset: Int, _ count: Int) throws -> [UInt8],
        to write: ([UInt8]) throws -> Void
    ) throws {
        var run = Run(), done = 0
        while done < count {
            let size = min(count - done, Patch.blockSize)
            var block = try read(offset + done, size)
            guard block.count == size else { throw Patch.Invalid(description: "the base became shorter") }
            try change(&block, &run, limit: count - done)
            try write(block)
            done += size
        }
    }

    /// Copies bytes of the patch itself.
    fileprivate mutating func copy(_ count: Int, to write: ([UInt8]) throws -> Void) throws {
        var left = count
        while left > 0 {
            let block = try bytes(upTo: min(left, Patch.blockSize))
            try write(block)
            left -= block.count
        }
    }

    /// Adds the differences to a block of the base.
    /// - Parameters:
    ///   - block: the block.
    ///   - run: what is left of the present run, which may go on after the block.
    ///   - limit: the number of bytes from the beginning of the block to the end of its part.
    private mutating func change(_ block: inout [UInt8], _ run: inout Run, limit: Int) throws {
        var place = 0
        while place < block.count {
            if run.equal + run.different == 0 { run = try nextRun(upTo: limit - place) }
            let equal = min(run.equal, block.count - place)
            run.equal -= equal
            place += equal
            let different = min(run.different, block.count - place)
            run.different -= different
            for _ in 0..<different {
                block[place] &+= try byte()
                place += 1
            }
        }
    }

    private mutating func nextRun(upTo limit: Int) throws -> Run {
        let equal = try number(upTo: limit)
        let run = Run(equal: equal, different: try number(upTo: limit - equal))
        guard run.equal + run.different > 0 else { throw Patch.Invalid(description: "a run of the patch is empty") }
        return run
    }
}
