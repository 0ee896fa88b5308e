extension Stack {
    /// The unit that starts the containers with the machine, in the order of who depends on whom, and stops them in the opposite one.
    /// Docker by itself starts all at once.
    var bootUnit: String { "stack-\(name).service" }

    /// Of the containers as they were deployed: none is made anew at boot, whatever is on the disk. Compose gives up where one is
    /// unhealthy that others depend on, and with all of a machine starting at once it may just be slow: so it is tried again.
    var bootUnitText: String {
        """
        [Unit]
        Description=The containers of \(name)
        Requires=docker.service
        After=docker.service network-online.target
        Wants=network-online.target
        ConditionPathExists=\(composeFile)
        ConditionPathExists=!\(RestoreRecord.mark(of: self))
        StartLimitIntervalSec=10min
        StartLimitBurst=5

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        WorkingDirectory=\(directory)
        ExecStart=\(start)
        ExecStop=\(compose("stop --timeout \(HaltedContainers.grace)"))
        Restart=on-failure
        RestartSec=15
        TimeoutStartSec=15min
        TimeoutStopSec=5min

        [Install]
        WantedBy=multi-user.target docker.service

        """
    }

    /// Without those that do something once, and have done it.
    private var start: String {
        let lasting = containers.filter { !$0.isOneShot }.map(\.name)
        guard !lasting.isEmpty else { return "/bin/true" }
        let names = lasting.count == containers.count ? [] : lasting
        return compose((["up --detach --no-build --no-recreate"] + names).joined(separator: " "))
    }

    /// By whichever name the machine has it.
    private func compose(_ words: String) -> String {
        let rest = "--project-name \(name) $$files \(words)"
        // By name: an .env or a compose.yaml beside them has no say.
        let files =
            "files=\"--file docker-compose.yml\"; test ! -e docker-compose.override.yml || files=\"$$files --file docker-compose.override.yml\"; "
        return
            "/bin/sh -c '\(files)if command -v docker-compose > /dev/null; then exec docker-compose \(rest); else exec docker compose \(rest); fi'"
    }
}
