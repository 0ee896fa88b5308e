import Foundation

/// The fields of a 64-bit little-endian ELF file that say what can run it (elf(5)).
struct ELFFile {
    /// `e_machine`.
    let machine: UInt16
    let isExecutable: Bool
    /// Whether it has a dynamic loader as its interpreter.
    let asksForLoader: Bool

    /// - Returns: nil if it is another kind of file, or is cut off.
    init?(_ data: Data) {
        func number<Number: FixedWidthInteger>(at offset: Int, _: Number.Type) -> Number? {
            guard offset >= 0, offset <= data.count - MemoryLayout<Number>.size else { return nil }
            return data.withUnsafeBytes {
                Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
            }
        }
        guard data.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]), let type = number(at: 16, UInt16.self),
            let machine = number(at: 18, UInt16.self),
            let table = number(at: 32, UInt64.self).flatMap({ Int(exactly: $0) }),
            let size = number(at: 54, UInt16.self),
            let count = number(at: 56, UInt16.self), size >= 56, count > 0
        else { return nil }
        self.machine = machine
        var asksForLoader = false, hasCode = false
        for index in 0..<Int(count) {
            let (header, overflow) = table.addingReportingOverflow(index * Int(size))
            guard !overflow, let kind = number(at: header, UInt32.self),
                let offset = number(at: header + 8, UInt64.self),
                let length = number(at: header + 32, UInt64.self)
            else { return nil }
            // PT_LOAD and PT_INTERP.
            if kind == 1 { hasCode = true }
            if kind == 3 { asksForLoader = true }
            let (end, isTooLong) = offset.addingReportingOverflow(length)
            guard !isTooLong, end <= UInt64(data.count) else { return nil }
        }
        self.asksForLoader = asksForLoader
        // ET_EXEC, and ET_DYN for a position-independent one.
        isExecutable = (type == 2 || type == 3) && hasCode
    }
}
