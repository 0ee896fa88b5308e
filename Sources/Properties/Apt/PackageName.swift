/// Names of packages (Debian policy 5.6.7) that can be given to apt, alone or with an architecture: `libc6:i386`.
enum PackageName {
    /// - Throws: ``Failure`` if one is invalid.
    static func validate(_ names: [String]) throws {
        for name in names where !isValid(name) {
            let advice =
                name.contains(where: { "=/".contains($0) })
                ? "Give the name alone; a version or a release is another parameter of Apt.Installed."
                : "Use lowercase letters, digits and + - . and no hyphen at the end, which tells apt to remove the "
                    + "package."
            throw Failure("invalid package name “\(name.escaped)”", advice: advice)
        }
    }

    private static func isValid(_ name: String) -> Bool {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, isPlain(parts[0], more: "+-.") else { return false }
        return parts.count == 1 || isArchitecture(parts[1])
    }

    /// Whether Debian may name an architecture so (dpkg-architecture(1)).
    static func isArchitecture(_ name: some StringProtocol) -> Bool { isPlain(name, more: "-") }

    private static func isPlain(_ name: some StringProtocol, more: String) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { byte.isASCIILowercase || byte.isASCIIDigit }
        guard name.utf8.count >= 2, let first = name.utf8.first, isLetter(first), !name.hasSuffix("-") else {
            return false
        }
        return name.utf8.allSatisfy { isLetter($0) || more.utf8.contains($0) }
    }
}
