/// The units of systemd that put guarded changes back where the run cannot: when its process was killed, and at boot.
///
/// They are on the disk while changes wait for their confirmation, and removed afterwards.
struct GuardUnits: Sendable {
    static let service = "propel-guard.service"
    private static let timer = "propel-guard.timer"
    /// The time in which a confirmation must arrive; and without the process of the run, the time until the changes
    /// are put back.
    static let deadline: Duration = .seconds(60)
    /// The same after a restart of the machine in the middle of a run, from its early boot on: the network and sshd
    /// have to start, and the laptop has to notice.
    static let restartDeadline: Duration = .minutes(5)
    /// How often the process of the run tells that it is alive, by starting the timer again.
    static let pulse: Duration = .seconds(20)

    private static let directory: FilePath = "/etc/systemd/system"
    // No early target: whenever another unit is started, systemd starts what those want again, and so would put back a
    // change that waits (systemd 245 and later, https://github.com/systemd/systemd/issues/29367).
    private static let wants = directory.appending("multi-user.target.wants")

    let machine: Machine

    private var files: any FileSystem { machine.files }

    /// Whether the machine runs systemd (sd_booted(3)). Without it only the run itself puts changes back, and the next
    /// one.
    private var hasSystemd: Bool { get throws { try files.status(of: "/run/systemd/system") != nil } }

    /// Writes the units, and has systemd read them. The service starts at every boot from here on.
    func install(_ program: FilePath, deadline: Duration = GuardUnits.deadline) async throws {
        guard try hasSystemd else { return }
        try files.createDirectories(Self.wants, mode: 0o755)
        try write(Self.serviceText(program), Self.service)
        try write(Self.timerText(deadline), Self.timer)
        try files.createLink(Self.wants.appending(Self.service), to: "../\(Self.service)")
        try await reload()
    }

    /// Starts the timer, or starts it again.
    /// - Parameter isWaiting: whether to wait until it runs; yes by default. Its service cannot.
    func startTimer(isWaiting: Bool = true) async throws {
        guard try hasSystemd else { return }
        try await systemctl((isWaiting ? [] : ["--no-block"]) + ["restart", Self.timer])
    }

    /// Whether the timer runs, so that it is too early to put anything back.
    func isTimerRunning() async throws -> Bool {
        let question = Invocation("systemctl", ["show", "--property=SubState", "--value", "--", Self.timer])
        return try await machine.commands.run(question).text.trimmed == "waiting"
    }

    /// Stops the timer, and removes the units. After a power cut any of the files may be left.
    func remove() async throws {
        let paths = [
            Self.wants.appending(Self.service), Self.directory.appending(Self.service),
            Self.directory.appending(Self.timer),
        ]
        guard try hasSystemd, try paths.contains(where: { try files.status(of: $0) != nil }) else { return }
        // One that has elapsed is stopped already.
        try? await systemctl(["stop", Self.timer])
        for path in paths { try files.remove(path) }
        try await reload()
    }

    /// Has systemd read its files again.
    func reload() async throws {
        guard try hasSystemd else { return }
        try await systemctl(["daemon-reload"])
    }

    /// Past the ``GuardWatch``: it is no part of any change.
    private func systemctl(_ words: [String]) async throws {
        let command = Invocation("systemctl", words), result = try await machine.commands.run(command)
        guard result.succeeded else { throw CommandFailure(command: command, result: result) }
    }

    private func write(_ text: String, _ name: String) throws {
        try files.replace(Self.directory.appending(name), with: Array(text.utf8), mode: 0o644)
    }

    /// At boot it comes before the network and before every service, so that these start with the former files. A
    /// program that was replaced by a newer enforcer stays for a while: two older ones are kept.
    private static func serviceText(_ program: FilePath) -> String {
        """
        [Unit]
        Description=Put back changes of Propel that nobody has confirmed
        DefaultDependencies=no
        RequiresMountsFor=\(Machine.state)
        After=local-fs.target
        Before=sysinit.target network-pre.target propel-firewall.service shutdown.target
        Conflicts=shutdown.target
        ConditionPathExists=\(Safeguard.path)
        StartLimitIntervalSec=0

        [Service]
        Type=oneshot
        ExecStart=\(program) \(GuardProgram.argument)
        Restart=on-failure
        RestartSec=30

        [Install]
        WantedBy=multi-user.target

        """
    }

    /// With its default dependencies it would come after sysinit.target, and so both after the service and before it.
    private static func timerText(_ deadline: Duration) -> String {
        """
        [Unit]
        Description=The time in which changes of Propel must be confirmed
        DefaultDependencies=no
        Conflicts=shutdown.target
        Before=shutdown.target

        [Timer]
        OnActiveSec=\(deadline.components.seconds)
        AccuracySec=1
        Unit=\(service)

        """
    }
}
