import Propel

/// How TOML v1.0.0 writes keys and values.
enum TOMLText {
    /// A key, in quotes where it needs them.
    static func key(_ key: String) -> String {
        let isBare =
            !key.isEmpty
            && key.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "_")
            }
        return isBare ? key : string(key)
    }

    /// A basic string.
    static func string(_ value: String) -> String { Escaping.toml.quote(value) }

    /// Whether `text` is a number, a boolean, a date or a time.
    static func isScalar(_ text: String) -> Bool {
        let isNumber =
            text.wholeMatch(of: #/[+-]?(0|[1-9](_?[0-9])*)(\.[0-9](_?[0-9])*)?([eE][+-]?[0-9](_?[0-9])*)?/#) != nil
            || text.wholeMatch(of: #/0x[0-9A-Fa-f](_?[0-9A-Fa-f])*|0o[0-7](_?[0-7])*|0b[01](_?[01])*|[+-]?(inf|nan)/#)
                != nil
        if isNumber || text == "true" || text == "false" { return true }
        let time = #/[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?/#
        let date =
            #/[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?/#
        return text.wholeMatch(of: time) != nil || text.wholeMatch(of: date) != nil
    }
}
