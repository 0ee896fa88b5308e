/// Backups by Borg into a repository on another machine or a disk, encrypted.
///
///     Borg(
///         "system", to: "ssh://backup@nas.example.com/./web1", password: Secret("borg-passphrase"),
///         paths: ["/etc", "/srv"], excluding: ["/srv/cache"], restoreTest: ["/etc/hostname"])
///
/// Like ``Restic`` in all but the program: systemd starts them, a repository is initialized (`repokey-blake2`) only if
/// it is certainly missing, and the age of the last success is looked at. For `ssh://` the configuration, key and known
/// hosts of root's ssh count, and the other machine needs Borg too.
///
/// `borg-NAME` on the machine is Borg with the repository and the passphrase: `borg-system list` lists, and
/// `borg-system extract ::ARCHIVE etc/nginx` restores into the current directory.
public struct Borg: CompositeProperty {
    public typealias Target = DebianLike

    let backup: RepositoryBackup

    /// - Parameters:
    ///   - id: the name: letters, digits, `-` and `_`.
    ///   - repository: the place of the repository, as Borg takes it; it may have secrets and facts in it.
    ///   - password: the passphrase of the repository. Without it nobody can restore anything: keep it elsewhere too.
    ///   - paths: absolute: the files and directories. One that is missing is a failure.
    ///   - excluded: patterns of what is left out, as Borg's `--exclude` takes them; caches (`CACHEDIR.TAG`) are by
    ///     default.
    ///   - environment: variables for Borg, such as `BORG_RSH`; none by default.
    ///   - calendar: when, in the words of systemd.time(7); each night by default.
    ///   - keep: which backups are kept; 7 daily, 5 weekly and 12 monthly ones by default.
    ///   - before: lines for bash before each backup, such as the dump of a database. If one fails, there is no backup.
    ///   - after: lines for bash after each backup, whether it succeeded or not.
    ///   - checkCalendar: when the repository is checked; each Sunday by default, nil for never.
    ///   - restoreTest: paths that are restored after each check, beside what is there; none by default.
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
            program: .borg, id: id, repository: repository, password: password, paths: paths, excluded: excluded,
            environment: environment, calendar: calendar, keep: keep, before: before, after: after,
            checkCalendar: checkCalendar, restoreTest: restoreTest, maximumAge: maximumAge, mountPoint: mountPoint)
    }

    public var name: String { "borg \(backup.id)" }
    public var body: [Declaration] { backup.body }
}
