import Properties

/// What tests of the run itself need: some properties before and after a package is installed. A first run takes a
/// tenth of that of `demo`, which installs an engine of docker.
///
/// Keys in hosts.conf: `packages`, names of further packages.
let small = Role("small", runs: Debian.self, keys: ["packages"]) { host in
    Hostname(host.name)
    Timezone("Europe/Berlin")
    SwapFile("/swapfile", size: .mebibytes(64))
    Apt.Installed("curl", "tree")
    for name in try host.strings("packages") {
        Apt.Installed(name)
    }
    File("/etc/motd", "This is \(host.name).\n")
    PropertyGroup("anna") {
        User("anna", groups: ["sudo"], shell: "/bin/bash")
        AuthorizedKeys(of: "anna", [annasKey])
        Sudoers("anna", .user("anna"), withoutPassword: true)
    }
    Service("ssh", ports: [22])
}
