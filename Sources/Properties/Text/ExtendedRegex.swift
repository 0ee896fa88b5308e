import Libc

/// An extended regular expression of POSIX (regex(7)) and the text that takes the place of what it matches in a line.
final class ExtendedRegex {
    private var compiled = regex_t()
    private let template: [Part]

    private enum Part: Equatable {
        case literal([UInt8])
        /// The text that a group matched; 0 for the whole match.
        case group(Int)
    }

    /// - Parameters:
    ///   - pattern: the expression.
    ///   - template: the text in place of a match, in which `\1` is what the first group matched, `\0` the whole
    ///     match, and `\\` a backslash.
    /// - Throws: ``Failure`` if either is invalid, or if the expression matches an empty line.
    init(_ pattern: String, template: String) throws {
        self.template = try Self.parts(of: template)
        let status = Self.inUTF8 { regcomp(&compiled, pattern, REG_EXTENDED) }
        guard status == 0 else {
            var buffer = [CChar](repeating: 0, count: 200)
            regerror(status, &compiled, &buffer, buffer.count)
            let reason = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            // The structure is undefined, and regfree(3) must not see it.
            compiled = regex_t()
            throw Failure(
                "invalid regular expression “\(pattern.escaped)”: \(reason)",
                advice: "Write an extended one, as grep -E takes it.")
        }
        let last = self.template.map { if case .group(let number) = $0 { number } else { 0 } }.max() ?? 0
        guard last <= compiled.re_nsub else {
            throw Failure(
                "\\\(last) in “\(template.escaped)” is a group that “\(pattern.escaped)” does not have",
                advice: "Write it in parentheses.")
        }
        guard match(in: [0], from: 0) == nil else {
            throw Failure(
                "the regular expression “\(pattern.escaped)” matches an empty line",
                advice: "Write one that matches at least one character.")
        }
    }

    deinit { regfree(&compiled) }

    /// So that `.` and `[…]` are about characters. It is a part of Debian's libc-bin; nil on a system without it.
    /// Made once and never changed, so that threads can share it.
    private nonisolated(unsafe) static let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)

    /// Whether expressions are about characters, and not about bytes, here.
    static var knowsCharacters: Bool { locale != nil }

    private static func inUTF8<Result>(_ body: () -> Result) -> Result {
        guard let locale else { return body() }
        let former = uselocale(locale)
        defer { uselocale(former) }
        return body()
    }

    func matches(_ line: String) -> Bool {
        // A NUL within the line would end it.
        !line.utf8.contains(0) && match(in: Array(line.utf8CString), from: 0) != nil
    }

    /// The line with the template in place of each match; the line itself where it has none, or where bytes of a
    /// character would be left.
    func replacing(in line: String) -> String {
        guard !line.utf8.contains(0) else { return line }
        let bytes = Array(line.utf8CString)
        var result: [UInt8] = []
        var offset = 0
        while let groups = match(in: bytes, from: offset), let whole = groups[0] {
            result += line.utf8.bytes(offset..<whole.lowerBound)
            offset = whole.lowerBound
            if whole.isEmpty {
                // Between two words, for example. Nothing is replaced there.
                guard offset < bytes.count - 1 else { break }
                // Up to the end of the character.
                offset += 1
                while UInt8(bitPattern: bytes[offset]) & 0xC0 == 0x80 { offset += 1 }
                result += line.utf8.bytes(whole.lowerBound..<offset)
                continue
            }
            for part in template {
                switch part {
                case .literal(let text): result += text
                case .group(let number): if let range = groups[number] { result += line.utf8.bytes(range) }
                }
            }
            offset = whole.upperBound
        }
        result += line.utf8.bytes(offset..<bytes.count - 1)
        return String(validating: result, as: UTF8.self) ?? line
    }

    /// An expression for what the template makes: of what a group matched nothing is known.
    static func result(of template: String) throws -> String {
        try parts(of: template).map { part in
            switch part {
            case .group: ".*"
            case .literal(let text):
                String(decoding: text, as: UTF8.self).unicodeScalars.map { scalar in
                    "\\^$.[]|()?*+{}".unicodeScalars.contains(scalar) ? "\\\(scalar)" : "\(scalar)"
                }.joined()
            }
        }.joined()
    }

    /// - Parameter bytes: the line with a NUL at its end.
    private func match(in bytes: [CChar], from offset: Int) -> [Range<Int>?]? {
        guard offset < bytes.count else { return nil }
        var found = [regmatch_t](repeating: regmatch_t(), count: compiled.re_nsub + 1)
        let isFound = found.withUnsafeMutableBufferPointer { found in
            Self.inUTF8 { search(&compiled, bytes, from: offset, to: bytes.count - 1, found) }
        }
        guard isFound else { return nil }
        return found.map { $0.rm_so < 0 ? nil : Int($0.rm_so)..<Int($0.rm_eo) }
    }

    private static func parts(of template: String) throws -> [Part] {
        var parts: [Part] = [], text: [UInt8] = []
        var rest = template.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "\\"): text.append(byte)
            case let digit? where digit.isASCIIDigit:
                if !text.isEmpty { parts.append(.literal(text)) }
                text = []
                parts.append(.group(Int(digit - UInt8(ascii: "0"))))
            default:
                throw Failure(
                    "a single backslash in “\(template.escaped)”",
                    advice: #"Write \1 for a group, or \\ for a backslash."#)
            }
        }
        return text.isEmpty ? parts : parts + [.literal(text)]
    }
}

extension String.UTF8View {
    fileprivate func bytes(_ range: Range<Int>) -> some Sequence<UInt8> {
        dropFirst(range.lowerBound).prefix(range.count)
    }
}
