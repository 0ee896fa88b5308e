/// The names of users and groups (useradd(8)), and the fields of their files (passwd(5)).
enum AccountName {
    /// - Throws: ``Failure`` where it is no name that a user or a group can have.
    static func validate(_ name: String, of kind: String) throws {
        func isLetter(_ scalar: Unicode.Scalar) -> Bool { "a"..."z" ~= scalar || "A"..."Z" ~= scalar || scalar == "_" }
        let scalars = name.unicodeScalars
        let isValid =
            scalars.first.map(isLetter) == true && scalars.count <= 32
            && scalars.allSatisfy { isLetter($0) || "0"..."9" ~= $0 || $0 == "-" || $0 == "." }
        guard isValid else {
            throw Failure(
                "“\(name)” is no name of a \(kind)",
                advice:
                    "A name begins with a letter or _, has letters, digits and _ - . after it, and at most 32 of them.")
        }
    }

    /// - Throws: ``Failure`` where the text would end its field or its line.
    static func validate(field text: String, _ what: String) throws {
        guard text.unicodeScalars.allSatisfy({ $0 != ":" && $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw Failure(
                "\(what) has a colon, a line break or a control character in it: “\(text)”",
                advice: "passwd(5) has no room for these.")
        }
    }

    /// - Throws: ``Failure`` where the path is not absolute, or would end its field or its line.
    static func validate(path: FilePath, _ what: String) throws {
        guard path.isAbsolute else { throw Failure("\(what) is no absolute path: “\(path)”") }
        try validate(field: path.string, what)
    }

    /// - Throws: ``Failure`` for the number that means "none" to the kernel.
    static func validate(id: UInt32?, _ what: String) throws {
        guard id != .max, id != 0xFFFF else {
            throw Failure("\(what) is \(id ?? 0), which is reserved", advice: "Take one from 1000 to 59999.")
        }
    }
}
