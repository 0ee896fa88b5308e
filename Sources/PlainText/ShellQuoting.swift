/// Quoting for shells: words that somebody can paste into one, or that a program hands to one.
public enum ShellQuoting {
    /// The word as POSIX shells, bash and zsh read it back unchanged: bare if that is safe, else in single quotes.
    ///
    /// fish and csh read it back too, unless it contains a backslash, an exclamation mark or a newline: within single
    /// quotes they give these a meaning.
    public static func quote(_ word: String) -> String {
        // zsh replaces a word that begins with “=”, fish one that begins with “%”.
        let isSafe = !word.isEmpty && word.utf8.allSatisfy(isSafe) && word.utf8.first != UInt8(ascii: "=")
        guard !isSafe else { return word }
        // By scalars: with a combining mark after it a quote is another Character, and still a quote to the shell.
        return "'" + word.unicodeScalars.map { $0 == "'" ? #"'\''"# : String($0) }.joined() + "'"
    }

    /// The words as one command line.
    public static func quote(_ words: [String]) -> String { words.map(quote).joined(separator: " ") }

    private static func isSafe(_ byte: UInt8) -> Bool { byte.isASCIILetterOrDigit || "-_./:=,+@".utf8.contains(byte) }
}
