/// The backups of a stack that are kept: those that either rule keeps, and always the newest.
public struct BackupRetention: Sendable, Hashable {
    /// How many of the newest are kept.
    public let count: Int
    /// The age up to which all are kept.
    public let age: Duration

    /// - Parameters:
    ///   - count: how many of the newest are kept; 5 by default, 1 at least.
    ///   - age: the age up to which all are kept; zero by default, so that only the count decides.
    public init(count: Int = 5, age: Duration = .zero) {
        self.count = max(1, count)
        self.age = age
    }
}
