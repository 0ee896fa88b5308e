import Properties

/// Two servers after a migration, which trade their port and their volume, for the tests of deployments.
///
/// Keys in hosts.conf: `published` and `volume`, which of both has it: `left`, as by default, or `right`; `data`,
/// what the volume is called; `internal`, true for a network that leads nowhere.
let trial = Role("trial", runs: Debian.self, keys: ["published", "volume", "data", "internal"]) { host in
    let port = try host.string("published") ?? "left", volume = try host.string("volume") ?? "left",
        data = try host.string("data") ?? "data"
    let isInternal = try host.bool("internal") ?? false

    Docker.Engine(daemon: dockerDaemon)
    // The version `new` gives its data another format.
    Stack("trial", dataFormat: host.tag == "new" ? 2 : 1, healthTimeout: .seconds(20)) {
        Container("migrate", image: "trial", tag: host.tag) {
            RestartPolicy(.never)
            Volume("state", at: "/state", backup: .none)
            Container.Command("migrate")
        }
        for name in ["left", "right"] {
            Container(name, image: "trial", tag: host.tag) {
                DependsOn("migrate")
                JoinsNetwork("inside")
                Volume("state", at: "/state", isReadOnly: true, backup: .none)
                Container.Command("serve", name)
                if port == name { Publish(8080, to: 80) }
                if volume == name { Volume(data, at: "/data") }
            }
        }
        Network("inside", isInternal: isInternal)
    }
}
