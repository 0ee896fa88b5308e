import PlainText

/// How TOML writes keys and strings.
public enum Writing {
    /// The key, in quotes where it needs them.
    public static func key(_ name: String) -> String {
        !name.isEmpty && name.utf8.allSatisfy(isBareKeyCharacter) ? name : string(name)
    }

    /// A basic string: in double quotes, on one line.
    public static func string(_ value: String) -> String { Escaping.toml.quote(value) }

    /// Whether a key with this character may stand without quotes: `A-Za-z0-9_-`.
    static func isBareKeyCharacter(_ byte: UInt8) -> Bool {
        byte.isASCIILetterOrDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}
