/// The first page of a swap area (mkswap(8); `union swap_header` of the kernel).
struct SwapHeader: Equatable {
    /// In bytes, this page included.
    var size: Int
    var uuid: [UInt8]

    private static let signature = Array("SWAPSPACE2".utf8)

    /// - Parameter page: the first page of the file, whole.
    /// - Returns: nil if it is not a complete swap area for this machine.
    init?(page: [UInt8]) {
        // mkswap writes the signature last, at the end of the page.
        guard page.count >= 4096, page.suffix(Self.signature.count).elementsEqual(Self.signature) else { return nil }
        func word(_ offset: Int) -> Int {
            Int(page.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) })
        }
        // Version, number of the last page, number of bad pages, UUID.
        guard word(1024) == 1, word(1032) == 0 else { return nil }
        size = (word(1028) + 1) * page.count
        uuid = Array(page[1036..<1052])
        guard uuid.contains(where: { $0 != 0 }) else { return nil }
    }
}
