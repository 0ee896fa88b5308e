/// Names of units (systemd.unit(5)).
enum UnitName {
    static let types: Set<String> = [
        "service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope",
    ]

    /// The full name: a service if no type is given. `php8.2-fpm` contains a dot, but no type.
    static func full(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), types.contains(String(name[name.index(after: dot)...])) else {
            return name + ".service"
        }
        return name
    }

    /// The name of the unit of a path, as systemd escapes it: `srv-my\x2ddata.mount` (systemd.unit(5)).
    static func of(_ path: FilePath, type: String) -> String {
        let components = path.lexicallyNormalized().components.map(\.string)
        let text = components.joined(separator: "/")
        guard !text.isEmpty else { return "-.\(type)" }
        var name = ""
        for (index, byte) in text.utf8.enumerated() {
            if byte == UInt8(ascii: "/") {
                name += "-"
            } else if byte.isASCIILetterOrDigit || ":_".utf8.contains(byte) || byte == UInt8(ascii: ".") && index > 0 {
                name.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                name += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return "\(name).\(type)"
    }

    /// Whether this is a template, such as `backup@.service`: it can be enabled, and only its instances have a state.
    static func isTemplate(_ name: String) -> Bool { name.contains("@.") }

    /// - Throws: ``Failure`` if the name is invalid.
    static func validate(_ name: String) throws {
        let isPlain = name.unicodeScalars.allSatisfy {
            "a"..."z" ~= $0 || "A"..."Z" ~= $0 || "0"..."9" ~= $0 || ":-_.\\@".unicodeScalars.contains($0)
        }
        guard isPlain, name.utf8.count <= 255, let first = name.first, first != ".",
            first != "-" || name == "-.mount" || name == "-.slice"
        else {
            throw Failure(
                "invalid unit name “\(name.escaped)”",
                advice: "Use letters, digits and : - _ . \\ @ (`systemd-escape` makes a name of any text).")
        }
    }
}
