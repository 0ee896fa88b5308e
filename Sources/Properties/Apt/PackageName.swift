/// The names of packages (Debian policy 5.6.7), as far as apt can be told them.
enum PackageName {
    /// - Throws: ``Failure`` where one of them is none.
    static func validate(_ names: [String]) throws {
        for name in names where !isValid(name) {
            let advice =
                name.contains(where: { ":=/".contains($0) })
                ? "Give the name alone, without an architecture, a version or a release."
                : "A name has lower case letters, digits and + - . and ends in no hyphen, which to apt means to remove it."
            throw Failure("“\(name)” is no name of a package", advice: advice)
        }
    }

    private static func isValid(_ name: String) -> Bool {
        func isPlain(_ scalar: Unicode.Scalar) -> Bool { "a"..."z" ~= scalar || "0"..."9" ~= scalar }
        guard name.utf8.count >= 2, let first = name.unicodeScalars.first, isPlain(first),
            name.utf8.last != UInt8(ascii: "-")
        else {
            return false
        }
        return name.unicodeScalars.allSatisfy { isPlain($0) || $0 == "+" || $0 == "-" || $0 == "." }
    }
}
