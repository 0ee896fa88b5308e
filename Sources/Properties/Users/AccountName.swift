/// The names of users and groups (useradd(8)), and the fields of passwd(5).
public enum AccountName {
    /// - Parameters:
    ///   - name: the name.
    ///   - kind: “user” or “group”, for the message.
    /// - Throws: ``Failure`` if no user or group can have the name.
    public static func validate(_ name: String, of kind: String) throws {
        func isLetter(_ scalar: Unicode.Scalar) -> Bool { "a"..."z" ~= scalar || "A"..."Z" ~= scalar || scalar == "_" }
        let scalars = name.unicodeScalars
        let isValid =
            scalars.first.map(isLetter) == true && scalars.count <= 32
            && scalars.allSatisfy { isLetter($0) || "0"..."9" ~= $0 || $0 == "-" || $0 == "." }
        guard isValid else {
            throw Failure(
                "invalid \(kind) name “\(name.escaped)”",
                advice:
                    "Begin with a letter or _, then use letters, digits and _ - . (32 characters at most).")
        }
    }

    /// - Throws: ``Failure`` if the text would end its field or its line.
    static func validate(field text: String, _ what: String) throws {
        guard text.unicodeScalars.allSatisfy({ $0 != ":" && $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw Failure(
                "\(what) has a colon or a control character in it: “\(text.escaped)”",
                advice: "Leave it out: passwd(5) separates fields by colons.")
        }
    }

    /// - Throws: ``Failure`` if the path is not absolute, or would end its field or its line.
    static func validate(path: FilePath, _ what: String) throws {
        guard path.isAbsolute else { throw Failure("\(what) is not an absolute path: “\(path.string.escaped)”") }
        try validate(field: path.string, what)
    }

    /// - Throws: ``Failure`` for the IDs that mean “none” to the kernel.
    static func validate(id: UInt32?, _ what: String) throws {
        guard id != .max, id != 0xFFFF else {
            throw Failure("\(what) is \(id ?? 0), which is reserved", advice: "Use one from 1000 to 59999.")
        }
    }
}
