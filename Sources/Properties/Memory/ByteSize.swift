/// An amount of memory or of disk space, in bytes.
public struct ByteSize: Sendable, Hashable, Comparable {
    /// The number of bytes.
    public var bytes: Int
    /// The problem of the literal that it was made from; nil if it is valid.
    public private(set) var problem: String?

    public init(bytes: Int) { self.bytes = bytes }

    /// Multiples of 1024 bytes.
    public static func kibibytes(_ count: Int) -> ByteSize { ByteSize(count, shift: 10) }
    /// Multiples of 1024² bytes.
    public static func mebibytes(_ count: Int) -> ByteSize { ByteSize(count, shift: 20) }
    /// Multiples of 1024³ bytes.
    public static func gibibytes(_ count: Int) -> ByteSize { ByteSize(count, shift: 30) }
    /// Multiples of 1024⁴ bytes.
    public static func tebibytes(_ count: Int) -> ByteSize { ByteSize(count, shift: 40) }

    /// On overflow, the largest or the smallest size: the property that takes it refuses that.
    private init(_ count: Int, shift: Int) {
        let (bytes, overflows) = count.multipliedReportingOverflow(by: 1 << shift)
        self.bytes = overflows ? (count < 0 ? .min : .max) : bytes
    }

    /// Reads a size as people write it: `512M`, `512 MiB`, `2GB`, `4096 B`.
    ///
    /// `K`, `M`, `G`, `T` and `KiB` … are powers of 1024, `kB`, `MB`, `GB`, `TB` are powers of 1000, as for coreutils.
    /// - Throws: ``Failure`` for anything else: a fraction, a sign, another unit, none at all, or more than fits.
    public init(parsing text: String) throws {
        let digits = text.prefix { ("0"..."9").contains($0) }
        var unit = text[digits.endIndex...]
        if unit.first == " " { unit = unit.dropFirst() }
        guard let count = Int(digits), let factor = Self.units[String(unit)] else {
            throw Failure(
                "invalid size “\(text.escaped)”",
                advice:
                    "Write a whole number and its unit: 512 MiB or 512M, 2 GiB or 2G (powers of 1024), 2 GB (powers "
                    + "of 1000), 4096 B."
            )
        }
        let (bytes, overflows) = count.multipliedReportingOverflow(by: factor)
        guard !overflows else {
            throw Failure("the size “\(text)” is too large", advice: "Write a smaller one.")
        }
        self.bytes = bytes
    }

    private static let units: [String: Int] = [
        "B": 1,
        "K": 1 << 10, "KiB": 1 << 10, "M": 1 << 20, "MiB": 1 << 20, "G": 1 << 30, "GiB": 1 << 30, "T": 1 << 40,
        "TiB": 1 << 40,
        "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    ]

    public static func < (lhs: ByteSize, rhs: ByteSize) -> Bool { lhs.bytes < rhs.bytes }
}

extension ByteSize: ExpressibleByStringLiteral {
    /// A literal such as `"512 MiB"`; see ``init(parsing:)``. One that cannot be read has a ``problem``, and is smaller
    /// than any size that a property accepts.
    public init(stringLiteral text: String) {
        do { self = try ByteSize(parsing: text) } catch {
            self.init(bytes: .min)
            problem = Failure(describing: error).problem
        }
    }
}

extension ByteSize: CustomStringConvertible {
    /// Exactly, in the largest binary unit of which it is a whole number: "2 GiB", "1500 MiB", "100 B".
    public var description: String {
        if problem != nil { return "an invalid size" }
        for (unit, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)]
        where bytes != 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift) \(unit)"
        }
        return "\(bytes) B"
    }
}
