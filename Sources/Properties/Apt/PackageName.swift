/// Names of packages (Debian policy 5.6.7) that can be given to apt.
enum PackageName {
    /// - Throws: ``Failure`` if one is invalid.
    static func validate(_ names: [String]) throws {
        for name in names where !isValid(name) {
            let advice =
                name.contains(where: { ":=/".contains($0) })
                ? "Give the name alone, without an architecture, a version or a release."
                : "Use lowercase letters, digits and + - . and no hyphen at the end, which tells apt to remove the "
                    + "package."
            throw Failure("invalid package name “\(name.escaped)”", advice: advice)
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
