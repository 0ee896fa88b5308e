import Properties

/// A page whose image is built on the machine, brought in an archive, or pulled, for the tests of deployments.
///
/// Keys in hosts.conf: `origin`, which of these: `directory`, as by default, `archive` or `registry`. The last one
/// has the tag, or the `digest`. `site`, true for an nginx of the host before it; `mirror`, true for a second
/// container that has one of everything.
let page = Role("page", runs: Debian.self, keys: ["origin", "digest", "site", "mirror"]) { host in
    let origin = try host.string("origin") ?? "directory", digest = try host.string("digest")
    let hasSite = try host.bool("site") ?? false, hasMirror = try host.bool("mirror") ?? false
    let container = { (name: String, parts: [any ContainerPart]) in
        switch (origin, digest) {
        case ("archive", _):
            Container(name, image: "page", tag: "archived", origin: .archive("/srv/page.tar.gz")) { parts }
        case ("registry", let digest?): Container(name, image: "localhost:5000/page@\(digest)") { parts }
        case ("registry", nil): Container(name, image: "localhost:5000/page", tag: host.tag) { parts }
        default: Container(name, image: "page", tag: "built", origin: .directory("/srv/source")) { parts }
        }
    }

    Docker.Engine(daemon: dockerDaemon)
    Docker.Network(
        "lan", isInternal: true, subnets: [Subnet("192.0.2.0/24", gateway: "192.0.2.1")],
        options: ["com.docker.network.driver.mtu": "1400"], labels: ["example.place": "office"])
    Docker.Volume("films", options: ["type": "tmpfs", "device": "tmpfs", "o": "size=1m"])
    Docker.RegistryLogin("registry.example.com", user: "anna", password: "tulip")
    Docker.Network.Absent("old-lan")
    Docker.Volume.Absent("old-cache", removesData: true)
    Docker.RegistryLogin.Absent("old.example.com")
    let stack = Stack("page", healthTimeout: .seconds(60)) {
        container(
            "page",
            [
                hasSite ? Publish(oneOf: 8080...8081, to: 80) : Publish(8080, to: 80),
                HealthCheck("wget -q -O /dev/null http://127.0.0.1/", every: .seconds(1)),
            ])
        if hasMirror {
            container(
                "mirror",
                [
                    DependsOn("page"),
                    JoinsNetwork("inside"),
                    Publish(8081, to: 80, on: "127.0.0.1"),
                    Publish(8081, to: 80, on: "::1"),
                    Publish(Port(8081, transport: "udp"), to: 81),
                    Volume("cache", at: "/var/cache/the page", backup: .none),
                    BindMount("/etc/hostname", at: "/etc/the host"),
                    ConfigurationFile("/etc/it's $HOME.conf", "\"$HOME\" # ${x}\n", owner: 7),
                    Environment("GREETING", "it's \"$HOME\" # ${x} é"),
                    Container.Command("httpd", "-f", "-p", "80", "-h", "/www", "-r", "it's \"$HOME\""),
                    HealthCheck(
                        program: "wget", ["-q", "-O", "/dev/null", "http://127.0.0.1/"], every: .milliseconds(1500),
                        timeout: .seconds(2), retries: 4,
                        startPeriod: .milliseconds(2500)),
                    ResourceLimits(memory: .mebibytes(64), cpus: 0.5, processes: 50),
                    RestartPolicy(.onFailure),
                ] + furtherParts)
            container("home", homeParts)
            container("beside", [NetworkOf("page"), Container.Command("httpd", "-f", "-p", "82", "-h", "/www")])
            Network("inside", isInternal: true)
        }
    }
    stack
    if hasSite {
        Nginx.Engine(isDefaultSiteEnabled: false)
        Nginx.Site(for: stack, container: "page", names: ["page.example.com"], tls: .selfSigned)
    }
}

/// One of each part that gives a key of the compose file, as far as a machine without devices can have it.
private let furtherParts: [any ContainerPart] = [
    ContainerName("the-mirror"),
    Container.Hostname("mirror.example.com"),
    Container.User("0:0"),
    WorkingDirectory("/www"),
    Init(),
    StopSignal("SIGKILL"),
    StopTimeout(.seconds(40)),
    GroupAdd("4711"),
    Labels(["example.rule": "Host(`a.example.com`) && $x", "example.number": "1"]),
    Capabilities(add: ["NET_ADMIN"], drop: ["MKNOD"]),
    SecurityOptions("no-new-privileges:true"),
    Tmpfs("/scratch", size: .mebibytes(1), mode: 0o1777),
    SharedMemory(.mebibytes(1)),
    Ulimits(["nofile": .soft(512, hard: 1024), "core": 0]),
    Sysctls(["net.core.somaxconn": "64"]),
    Ipc(.private),
    Logging("json-file", ["max-size": "1m"]),
    ExtraHosts(["nas.example.com": "192.0.2.7", "host.docker.internal": "host-gateway"]),
    DNS("192.0.2.53", search: ["example.com"], options: ["ndots:1"]),
    EnvironmentFile("page.note-1='$HOME # é'"),
    ComposeKeys(["oom_score_adj": 100, "tty": true]),
]

/// A server in the network of the machine, with data in a directory.
private let homeParts: [any ContainerPart] = [
    HostNetwork(),
    Publish(8090),
    Volume("config", at: "/config", in: "/srv/page-data/config", owner: "4711", mode: 0o750),
    Container.Command(line: "httpd -f -p 8090 -h /www"),
]
