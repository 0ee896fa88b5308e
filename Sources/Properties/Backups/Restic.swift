/// Backups by restic into a repository on another machine, a disk or an object storage, encrypted.
///
///     Restic(
///         "system", to: "sftp:backup@nas.example.com:/srv/restic/web1", password: Secret("restic-password"),
///         paths: ["/etc", "/srv", "/var/backups/shop.sql"], excluding: ["/srv/cache"],
///         keep: SnapshotRetention(daily: 7, weekly: 5, monthly: 12),
///         before: "runuser -u postgres -- pg_dump shop > /var/backups/shop.sql",
///         restoreTest: ["/etc/hostname"])
///     Restic(
///         "photos", to: "s3:https://s3.example.com/photos", password: Secret("restic-password"),
///         paths: ["/srv/photos"],
///         environment: ["AWS_ACCESS_KEY_ID": "web1", "AWS_SECRET_ACCESS_KEY": "\(Secret("s3-key"))"])
///     Restic(
///         "stacks", to: "sftp:backup@nas.example.com:/srv/restic/stacks", password: Secret("restic-password"),
///         paths: ["/var/backups/propel"])
///
/// systemd starts them, and the journal has their output. A repository is initialized only if it is certainly missing.
/// If the last success is too old, the report says its age, and the run makes a backup: the first one too, which may
/// take long. For `sftp:` the configuration, key and known hosts of root's ssh count.
///
/// `restic-NAME` on the machine is restic with the repository and the password: `restic-system snapshots` lists, and
/// `restic-system restore latest --target /srv/restored --include /etc` restores beside what is there. On a new machine
/// the same works after a run, before anything is backed up again if `maximumAge` is nil. For the backups of stacks see
/// ``BackupCopies``.
public struct Restic: CompositeProperty {
    public typealias Target = DebianLike

    let backup: RepositoryBackup

    /// - Parameters:
    ///   - id: the name: letters, digits, `-` and `_`.
    ///   - repository: the place of the repository, as restic takes it; it may have secrets and facts in it.
    ///   - password: the password of the repository. Without it nobody can restore anything: keep it elsewhere too.
    ///   - paths: absolute: the files and directories. One that is missing is a failure.
    ///   - excluded: patterns of what is left out, as restic's `--exclude` takes them; caches (`CACHEDIR.TAG`) are by
    ///     default.
    ///   - environment: variables for restic, such as the keys of an object storage; none by default.
    ///   - calendar: when, in the words of systemd.time(7); each night by default.
    ///   - keep: which backups are kept; 7 daily, 5 weekly and 12 monthly ones by default.
    ///   - before: lines for bash before each backup, such as the dump of a database. If one fails, there is no backup.
    ///   - after: lines for bash after each backup, whether it succeeded or not.
    ///   - checkCalendar: when the repository is checked, with a twentieth of its data; each Sunday by default, nil for
    ///     never.
    ///   - restoreTest: paths that are restored and compared after each check, beside what is there; none by default.
    ///   - maximumAge: the age of the last success from which on the property is unmet; 2 days by default, nil not to
    ///     look at it.
    ///   - mountPoint: where a disk must be mounted for the repository; none by default.
    public init(
        _ id: String, to repository: Content, password: Secret, paths: [FilePath], excluding excluded: [String] = [],
        environment: [String: Content] = [:], at calendar: String = "*-*-* 02:30",
        keep: SnapshotRetention = SnapshotRetention(daily: 7, weekly: 5, monthly: 12), before: String = "",
        after: String = "", check checkCalendar: String? = "Sun *-*-* 05:30", restoreTest: [FilePath] = [],
        maximumAge: Duration? = .days(2), onlyIfMounted mountPoint: FilePath? = nil
    ) {
        backup = RepositoryBackup(
            program: .restic, id: id, repository: repository, password: password, paths: paths, excluded: excluded,
            environment: environment, calendar: calendar, keep: keep, before: before, after: after,
            checkCalendar: checkCalendar, restoreTest: restoreTest, maximumAge: maximumAge, mountPoint: mountPoint)
    }

    public var name: String { "restic \(backup.id)" }
    public var body: [Declaration] { backup.body }
}
