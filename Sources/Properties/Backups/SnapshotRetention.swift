/// The backups in a repository that are kept: the newest of each hour, day, week … for a number of them.
public struct SnapshotRetention: Sendable, Hashable {
    /// The newest, whatever their age.
    public let last: Int
    public let hourly: Int
    public let daily: Int
    public let weekly: Int
    public let monthly: Int
    public let yearly: Int

    /// - Parameters:
    ///   - last: how many of the newest are kept, whatever their age; none by default, like those that follow.
    ///   - hourly: for how many hours one is kept.
    ///   - daily: for how many days one is kept.
    ///   - weekly: for how many weeks one is kept.
    ///   - monthly: for how many months one is kept.
    ///   - yearly: for how many years one is kept.
    public init(last: Int = 0, hourly: Int = 0, daily: Int = 0, weekly: Int = 0, monthly: Int = 0, yearly: Int = 0) {
        self.last = last
        self.hourly = hourly
        self.daily = daily
        self.weekly = weekly
        self.monthly = monthly
        self.yearly = yearly
    }

    private var rules: [(String, Int)] {
        [
            ("last", last), ("hourly", hourly), ("daily", daily), ("weekly", weekly), ("monthly", monthly),
            ("yearly", yearly),
        ]
    }

    /// The options of restic and Borg.
    var options: [String] { rules.filter { $0.1 > 0 }.map { "--keep-\($0.0)=\($0.1)" } }

    func validate(_ name: String) throws {
        guard !options.isEmpty, !rules.contains(where: { $0.1 < 0 }) else {
            throw Failure(
                "the backup \(name) keeps nothing, or less than nothing",
                advice: "Write a retention such as SnapshotRetention(daily: 7, weekly: 5).")
        }
    }
}
