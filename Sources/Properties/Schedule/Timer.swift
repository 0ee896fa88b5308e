/// A command that systemd starts at certain times (systemd.timer(5)).
///
///     Timer("backup", onCalendar: "*-*-* 03:30", "/usr/local/bin/backup", user: "app", randomizedDelay: .minutes(10))
///
/// It is the service `NAME.service`, whose output is in the journal, and the timer `NAME.timer`. A run that was missed
/// because the machine was off is made up for, unless `isPersistent` says otherwise.
public struct Timer: CompositeProperty {
    public typealias Target = AnyLinux

    public let id: String
    public let calendar: String
    public let command: String
    public let user: String?
    public let isPersistent: Bool
    public let randomizedDelay: Duration
    public let serviceSettings: String

    /// - Parameters:
    ///   - id: the name of the units, without `.timer`.
    ///   - calendar: when, in the words of systemd.time(7): `daily`, `Mon *-*-* 04:00`, `*:0/15`.
    ///   - command: as `ExecStart=` takes it: an absolute path with arguments, and no shell.
    ///   - user: the name of the user that it runs as; root by default.
    ///   - isPersistent: whether a missed run is made up for; yes by default.
    ///   - randomizedDelay: the longest delay, chosen for each run, so that many machines do not start at once;
    ///     none by default.
    ///   - settings: further lines of the section `[Service]`, such as `EnvironmentFile=` or `ProtectSystem=strict`.
    public init(
        _ id: String, onCalendar calendar: String, _ command: String, user: String? = nil, isPersistent: Bool = true,
        randomizedDelay: Duration = .zero, settings: String = ""
    ) {
        self.id = id
        self.calendar = calendar
        self.command = command
        self.user = user
        self.isPersistent = isPersistent
        self.randomizedDelay = randomizedDelay
        serviceSettings = settings
    }

    public var name: String { "timer \(id)" }

    private var serviceText: String {
        """
        [Unit]
        Description=\(id), started by its timer

        [Service]
        Type=oneshot
        ExecStart=\(command)
        \(user.map { "User=\($0)\n" } ?? "")\(serviceSettings.trimmed.isEmpty ? "" : serviceSettings.trimmed + "\n")
        """
    }

    private var timerText: String {
        let delay = randomizedDelay.components.seconds
        return """
            [Unit]
            Description=Times of \(id)

            [Timer]
            OnCalendar=\(calendar)
            Persistent=\(isPersistent ? "yes" : "no")
            \(delay > 0 ? "RandomizedDelaySec=\(delay)\n" : "")
            [Install]
            WantedBy=timers.target

            """
    }

    /// No units of a ``Timer``: the timer and its service are stopped, disabled and removed.
    ///
    ///     Timer.Absent("backup")
    ///
    /// They need not be of Propel; see ``SystemdUnit/Absent``.
    public struct Absent: CompositeProperty {
        public typealias Target = AnyLinux

        public let id: String

        /// - Parameter id: the name of the units, without `.timer`.
        public init(_ id: String) { self.id = id }

        public var name: String { "no timer \(id)" }
        public var body: [Declaration] {
            // The timer first: it would start the service again.
            SystemdUnit.Absent("\(id).timer")
            SystemdUnit.Absent("\(id).service")
        }
    }

    public var body: [Declaration] {
        SystemdUnit("\(id).service", serviceText)
        SystemdUnit("\(id).timer", timerText).onChange(Service.Restart("\(id).timer"))
        Service("\(id).timer")
    }
}
