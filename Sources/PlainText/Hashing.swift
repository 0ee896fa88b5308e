extension UInt64 {
    /// The FNV-1a hash of the bytes (draft-eastlake-fnv). Distinguishes strings; not for secrets.
    ///
    /// Inlinable, so that the bytes of a whole program are hashed by specialized code.
    @inlinable public init(fnv1a bytes: some Sequence<UInt8>) {
        self = bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
