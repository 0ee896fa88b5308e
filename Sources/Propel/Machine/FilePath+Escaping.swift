import PlainText
public import SystemPackage

extension FilePath {
    /// The path of a file of this directory whose name stands for a string, and for no other.
    ///
    /// It is put together as text: a `Component` and its invariants cost a debug build, as of the tests, many times as
    /// much.
    public func appending(escaping text: String) -> FilePath {
        FilePath(string + "/" + Component.name(escaping: text))
    }
}

extension FilePath.Component {
    /// The file name that stands for a string, and for no other: characters that cannot be in a file name, or that
    /// would hide it, are percent-encoded, and the name of a long string ends in its hash.
    public init(escaping text: String) { self = Self(Self.name(escaping: text)) ?? "%" }

    fileprivate static func name(escaping text: String) -> String {
        var name = ""
        for byte in text.utf8 {
            let isPlain = byte.isASCIILetterOrDigit || "-_@+".utf8.contains(byte)
            if isPlain || byte == UInt8(ascii: ".") && !name.isEmpty {
                name.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                name += "%" + String(byte, radix: 16, digits: 2, uppercase: true)
            }
        }
        // NAME_MAX is 255 bytes, and the name of the staging path is longer.
        if name.utf8.count > 200 { name = name.prefix(180) + "%-" + String(UInt64(fnv1a: text.utf8), radix: 16) }
        return name.isEmpty ? "%" : name
    }
}
