/// Where the blocks of a file are, by a hash of their contents: a table with about as many places as there are blocks,
/// in which a later block takes the place of an earlier one. What it answers is a guess, which the caller compares.
struct BlockIndex {
    /// The size of a block in bytes.
    static let width = 16
    /// The distance between two blocks: any 23 equal bytes have one of them whole.
    private static let step = 8
    /// The most places: 2²¹, in 8 MB, for the 1.8 million blocks of a file of 14 MB.
    private static let bitLimit = 21

    private let bits: Int
    private var places: [Int32]

    init(of file: UnsafeRawBufferPointer) {
        let blocks = file.count / Self.step
        bits = min(Self.bitLimit, max(1, Int.bitWidth - blocks.leadingZeroBitCount))
        places = [Int32](repeating: -1, count: 1 << bits)
        var place = 0
        while place + Self.width <= file.count {
            places[hash(file, place)] = Int32(truncatingIfNeeded: place)
            place += Self.step
        }
    }

    /// Where the file probably has the block that another file has at a place; nil if nowhere.
    func place(of other: UnsafeRawBufferPointer, at place: Int) -> Int? {
        guard place + Self.width <= other.count else { return nil }
        let found = places[hash(other, place)]
        return found < 0 ? nil : Int(found)
    }

    private func hash(_ file: UnsafeRawBufferPointer, _ place: Int) -> Int {
        let first = file.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        let second = file.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
        // Odd constants without a pattern; the upper bits of a product depend on all bits of its factors.
        let mixed = ((first &* 0x9E37_79B9_7F4A_7C15) ^ second) &* 0xC2B2_AE3D_27D4_EB4F
        return Int(mixed >> UInt64(64 - bits))
    }
}
