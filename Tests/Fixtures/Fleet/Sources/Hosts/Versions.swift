import Properties

/// A host with one of each of files, packages, users, swap, units and stacks, all in two versions: its tag in
/// hosts.conf is 1 or 2. For tests that end a run at its file operations, and that deploy several hosts together.
///
/// Keys in hosts.conf: `access`, true for a guarded change too; `failing`, true for a property that fails.
let versions = Role("versions", runs: Debian.self, keys: ["access", "failing"]) { host in
    let tag = host.tag ?? "1", isSecond = tag == "2"

    File("/etc/versions.conf", "version = \(tag)\n", mode: isSecond ? 0o640 : 0o644)
        .onChange(Service.Restart("versions"))
    SymbolicLink("/srv/current", to: "version-\(tag)")
    let first = File("/etc/first.conf", "only in the first version\n")
    if isSecond { first.reverted() } else { first }

    if isSecond { Apt.Installed("tree") } else { Apt.Absent("tree") }

    User("anna", comment: "Anna, version \(tag)", shell: isSecond ? "/bin/bash" : "/bin/sh")

    SwapFile("/swapfile", size: .mebibytes(isSecond ? 8 : 4))

    SystemdUnit(
        "versions.service",
        """
        [Service]
        Environment=VERSION=\(tag)
        ExecStart=/bin/sleep infinity

        [Install]
        WantedBy=multi-user.target

        """
    ).onChange(Service.Restart("versions"))
    Service("versions")

    Docker.Engine()
    Stack("versions", healthTimeout: .seconds(60)) {
        Container("web", image: "versions", tag: tag) {
            Volume("data", at: "/data", backup: .archive(while: .running))
            ConfigurationFile("/etc/web.conf", "version = \(tag)\n")
            HealthCheck("grep -q \(tag) /version", every: .seconds(1))
        }
    }

    if try host.bool("access") == true {
        File("/etc/ssh/sshd_config.d/10-versions.conf", "MaxSessions \(isSecond ? 20 : 30)\n").onChange(Sshd.Reload())
    }
    if try host.bool("failing") == true { Apt.Installed("no-such-package") }
}
