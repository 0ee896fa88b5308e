/// The output of a program: all of it up to a limit, else its beginning and its end.
///
/// A program may print without end. The beginning often has the reason of a failure, the end what came of it.
struct BoundedOutput {
    private var beginning: [UInt8] = []
    /// The end, used in turns once it is full.
    private var end: [UInt8] = []
    /// The index in ``end`` of its oldest byte, once it is full.
    private var oldest = 0
    private let limit: Int
    /// The number of bytes between beginning and end that were dropped.
    private(set) var omitted = 0

    /// - Parameter limit: the number of bytes that are kept of the beginning, and of the end.
    init(limit: Int = BoundedOutput.defaultLimit) { self.limit = limit }

    /// 8 MiB: what properties read of programs is smaller.
    static let defaultLimit = 8 << 20

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        // Rebased: a slice would be copied byte by byte.
        func take(_ count: Int) -> UnsafeRawBufferPointer {
            let count = min(max(0, count), rest.count)
            defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
            return UnsafeRawBufferPointer(rebasing: rest[..<count])
        }
        beginning += take(limit - beginning.count)
        end += take(limit - end.count)
        omitted += rest.count
        _ = take(rest.count - limit)
        while !rest.isEmpty {
            let piece = take(limit - oldest)
            end.withUnsafeMutableBytes { memory in
                UnsafeMutableRawBufferPointer(rebasing: memory[oldest..<(oldest + piece.count)]).copyMemory(from: piece)
            }
            oldest = (oldest + piece.count) % limit
        }
    }

    /// The bytes that were kept, with a line that tells how much was left out.
    var contents: [UInt8] {
        var all = beginning
        all.reserveCapacity(beginning.count + end.count + 64)
        if omitted > 0 { all += "\n\(Self.words(forOmitted: omitted))\n".utf8 }
        all += end[oldest...]
        all += end[..<oldest]
        return all
    }

    /// The last bytes.
    func suffix(_ count: Int) -> [UInt8] {
        let tail = Array(end[oldest...].suffix(count) + end[..<oldest].suffix(count))
        return Array((omitted > 0 ? tail : beginning.suffix(count) + tail).suffix(count))
    }

    /// The line in place of what was left out.
    static func words(forOmitted count: Int) -> String { "… \(count) bytes left out …" }
}
