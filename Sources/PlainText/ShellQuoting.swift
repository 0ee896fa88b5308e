/// Quoting for POSIX shells (XCU 2.2): what somebody can paste into a shell, or a program can hand to one.
public enum ShellQuoting {
    /// The word as a shell reads it back unchanged: as it is where that is safe, else in single quotes.
    public static func quote(_ word: String) -> String {
        let isSafe = !word.isEmpty && word.utf8.allSatisfy(safeBytes.contains)
        return isSafe
            ? word
            : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }

    private static let safeBytes = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%".utf8)
}
