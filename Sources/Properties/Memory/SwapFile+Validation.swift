extension SwapFile {
    /// The fewest pages that mkswap(8) accepts.
    private static let fewestPages = 10

    /// - Throws: ``Failure`` if the declaration is invalid on every machine.
    func validate() throws {
        try validatePath()
        if let problem = size.problem { throw Failure(problem) }
        if let priority, !(0...32767).contains(priority) {
            throw Failure(
                "invalid priority \(priority) of a swap area", advice: "Give a number from 0 to 32767, or none.")
        }
        if case .ofMemory(let factor) = size, !(factor > 0 && factor <= 64) {
            throw Failure(
                "a swap file of \(factor) × memory is not possible",
                advice: "Give a factor above 0, at most 64: .ofMemory(2).")
        }
    }

    func validatePath() throws {
        guard path.isAbsolute, path.isLexicallyNormal, path.lastComponent != nil,
            !path.string.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else {
            throw Failure(
                "invalid path of a swap file “\(path.string.escaped)”",
                advice: "Give an absolute path without “..”: /swapfile.")
        }
    }

    /// The declared size, in bytes.
    func wantedSize(on machine: Machine) throws -> Int {
        try validate()
        let bytes: Int
        switch size {
        case .bytes(let size): bytes = size.bytes
        case .ofMemory(let factor):
            bytes = Int((Double(try Memory(of: machine).total) * factor / 1_048_576).rounded()) << 20
        }
        let page = Memory.pageSize
        guard bytes >= Self.fewestPages * page, bytes % page == 0, bytes / page < Int(UInt32.max) else {
            throw Failure(
                "a swap file of \(ByteSize(bytes: bytes)) is not possible",
                advice:
                    "Give a multiple of \(ByteSize(bytes: page)), at least "
                    + "\(ByteSize(bytes: Self.fewestPages * page)), for example .mebibytes(512)."
            )
        }
        return bytes
    }

    /// Whether a file of the size `present` may stay.
    func isNear(_ present: Int, _ wanted: Int) -> Bool {
        switch size {
        case .bytes: present == wanted
        case .ofMemory: abs(present - wanted) < wanted / 50
        }
    }
}
