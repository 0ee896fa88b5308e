extension Stack {
    /// The name of the systemd unit that starts the containers at boot, dependencies first, and stops them in reverse
    /// order. Docker itself would start all at once.
    var bootUnit: String { "stack-\(name).service" }

    /// The systemd unit. It starts the containers that were deployed and recreates none, whatever the files say.
    /// Compose gives up if a dependency is unhealthy, and at boot it may only be slow: so systemd tries again.
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
        ExecStop=\(compose("stop --timeout \(stopGrace.components.seconds)"))
        Restart=on-failure
        RestartSec=15
        TimeoutStartSec=15min
        TimeoutStopSec=\(stopGrace > .minutes(1) ? "\(300 + stopGrace.components.seconds)s" : "5min")

        [Install]
        WantedBy=multi-user.target docker.service

        """
    }

    /// The command that starts all containers but the one-shot ones, which are done.
    private var start: String {
        let lasting = containers.filter { !$0.isOneShot }.map(\.name)
        guard !lasting.isEmpty else { return "/bin/true" }
        let names = lasting.count == containers.count ? [] : lasting
        return compose((["up --detach --no-build --no-recreate"] + names).joined(separator: " "))
    }

    /// An invocation of compose, by whichever name the machine has it.
    private func compose(_ arguments: String) -> String {
        let rest = "--project-name \(name) $$files \(arguments)"
        // The files are named, so that compose ignores a compose.yaml beside them.
        let files =
            "files=\"--file docker-compose.yml\"; test ! -e docker-compose.override.yml || files=\"$$files --file "
            + "docker-compose.override.yml\"; "
        // As ``ComposeCommand`` chooses.
        let plugin =
            DockerPackage.plugins.map { "test -e \($0)/docker-compose" }.joined(separator: " || ")
            + " || ! test -e /usr/bin/docker-compose"
        return
            "/bin/sh -c '\(files)if \(plugin); then exec docker compose \(rest); else exec docker-compose \(rest); "
            + "fi'"
    }
}
