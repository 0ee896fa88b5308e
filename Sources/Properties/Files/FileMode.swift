/// The permission bits of a file or a directory (chmod(2)).
///
///     File("/etc/app.conf", text, mode: 0o640)
///     File("/etc/app.conf", text, mode: "0640")
///
/// `644` without `0o` is the number six hundred and forty-four, which as permission bits is `--w----r-T`. Such a
/// literal has a ``problem``, and so is reported before any machine is touched.
public struct FileMode: Sendable, Hashable {
    /// The permission bits.
    public let bits: ModeBits
    /// The problem of the literal; nil if it is valid.
    public let problem: String?

    /// A mode that is computed.
    public init(_ bits: ModeBits) {
        self.bits = bits
        problem = bits & ~0o7777 == 0 ? nil : "invalid mode \(octal(bits)): there are four octal digits, such as 0o644"
    }

    /// The mode with the right to execute for everybody who may read, if `isExecutable`.
    func executable(if isExecutable: Bool) -> FileMode {
        isExecutable ? FileMode(bits: bits | (bits & 0o444) >> 2, problem: problem) : self
    }

    private init(bits: ModeBits, problem: String?) {
        self.bits = bits
        self.problem = problem
    }

    /// Whether the owner may read, the group has no permission that the owner lacks, and others none that the group
    /// lacks.
    private var isUsual: Bool {
        let owner = bits >> 6 & 7, group = bits >> 3 & 7, others = bits & 7
        return bits & ~0o7777 == 0 && owner & 4 != 0 && group & ~owner == 0 && others & ~group == 0
    }
}

extension FileMode: ExpressibleByIntegerLiteral {
    /// A literal such as `0o644`.
    public init(integerLiteral bits: ModeBits) {
        let plain = FileMode(bits)
        // 400 is 0o620 and 500 is 0o764, which somebody could mean, but hardly does.
        if let meant = ModeBits("\(bits)", radix: 8).map({ FileMode($0) }), bits >= 100, meant.isUsual,
            !plain.isUsual || bits == 400 || bits == 500
        {
            self.init(
                bits: bits,
                problem:
                    "the mode \(bits) is a decimal number: write 0o\(bits), or “\(octal(bits))” in quotes if you "
                    + "mean \(octal(bits))"
            )
        } else {
            self = plain
        }
    }
}

extension FileMode: ExpressibleByStringLiteral {
    /// Octal digits such as `"0644"`.
    public init(stringLiteral text: String) {
        let digits = text.hasPrefix("0o") ? text.dropFirst(2) : text[...]
        if (3...5).contains(digits.utf8.count), let bits = ModeBits(digits, radix: 8), bits & ~0o7777 == 0 {
            self.init(bits: bits, problem: nil)
        } else {
            self.init(
                bits: 0, problem: "invalid mode “\(text.escaped)”: write three or four octal digits, such as 0644")
        }
    }
}

extension FileMode: CustomStringConvertible {
    /// Four octal digits: `0644`.
    public var description: String { octal(bits) }
}
