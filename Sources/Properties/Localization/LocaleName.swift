/// The name of a locale (setlocale(3)): `en_GB.UTF-8`, `de_DE@euro`, `C`.
struct LocaleName: Equatable, Hashable {
    /// `en_GB`
    var language: String
    /// `UTF-8` in every spelling: to glibc `utf8` is the same.
    var codeset: String?
    /// `euro`
    var modifier: String?

    /// - Throws: ``Failure`` if the name is invalid.
    init(_ text: String) throws {
        let failure = Failure(
            "invalid locale name “\(text.escaped)”", advice: "Write it as en_GB.UTF-8, de_DE@euro or C.UTF-8.")
        func isWord(_ word: Substring, and others: String = "") -> Bool {
            !word.isEmpty && word.utf8.allSatisfy { $0.isASCIILetterOrDigit || others.utf8.contains($0) }
        }
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let names = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard isWord(names[0], and: "_"), names.dropFirst().allSatisfy({ isWord($0, and: "-") }),
            parts.dropFirst().allSatisfy({ isWord($0) })
        else { throw failure }
        language = String(names[0])
        codeset = names.count > 1 ? String(names[1]) : nil
        modifier = parts.count > 1 ? String(parts[1]) : nil
        if normalizedCodeset == "utf8" { codeset = "UTF-8" }
    }

    /// The spelling of `LANG` and of Debian's list of supported locales: `en_GB.UTF-8`.
    var canonical: String { language + (codeset.map { "." + $0 } ?? "") + (modifier.map { "@" + $0 } ?? "") }

    /// The spelling of `locale -a`: `en_GB.utf8`.
    var archived: String { language + (normalizedCodeset.map { "." + $0 } ?? "") + (modifier.map { "@" + $0 } ?? "") }

    /// Whether the C library has the locale without any data.
    var isBuiltIn: Bool {
        modifier == nil && (["C", "POSIX"].contains(language) && codeset == nil || canonical == "C.UTF-8")
    }

    /// The form that glibc compares: letters and digits only, `iso` before a plain number (`_nl_normalize_codeset`).
    private var normalizedCodeset: String? {
        guard let codeset else { return nil }
        let plain = codeset.lowercased().filter { $0 != "-" }
        return plain.utf8.allSatisfy { $0.isASCIIDigit } ? "iso" + plain : plain
    }
}
