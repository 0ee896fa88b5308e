/// Which backups of a stack are kept. One that either rule keeps is kept, and the newest always is.
public struct BackupRetention: Sendable, Hashable {
    /// So many of the newest.
    public let count: Int
    /// Those that are not older.
    public let age: Duration

    /// - Parameters:
    ///   - count: how many of the newest are kept; 5 by default, 1 at least.
    ///   - age: none that is younger is removed; none by default, so only the count decides.
    public init(count: Int = 5, age: Duration = .zero) {
        self.count = max(1, count)
        self.age = age
    }
}
