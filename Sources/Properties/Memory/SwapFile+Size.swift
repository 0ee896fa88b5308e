extension SwapFile {
    /// The size of a swap area: `"1 GiB"`, `.mebibytes(512)`, `.ofMemory(2)`.
    public enum Size: Sendable, Hashable {
        case bytes(ByteSize)
        /// A multiple of the machine's memory.
        case ofMemory(Double)

        /// Multiples of 1024² bytes.
        public static func mebibytes(_ count: Int) -> Size { .bytes(.mebibytes(count)) }
        /// Multiples of 1024³ bytes.
        public static func gibibytes(_ count: Int) -> Size { .bytes(.gibibytes(count)) }

        /// The problem of the literal that it was made from; nil if it is valid.
        var problem: String? { if case .bytes(let size) = self { size.problem } else { nil } }
    }
}

extension SwapFile.Size: ExpressibleByStringLiteral {
    /// A literal such as `"512 MiB"`; see ``ByteSize/init(parsing:)``.
    public init(stringLiteral text: String) { self = .bytes(ByteSize(stringLiteral: text)) }
}

extension SwapFile.Size: CustomStringConvertible {
    public var description: String {
        switch self {
        case .bytes(let size): "\(size)"
        case .ofMemory(let factor): "\(factor) × memory"
        }
    }
}
