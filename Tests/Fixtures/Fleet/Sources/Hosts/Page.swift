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
    let stack = Stack("page", healthTimeout: .seconds(60)) {
        container(
            "page",
            [
                Publish(8080, to: 80),
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
                ])
            Network("inside", isInternal: true)
        }
    }
    stack
    if hasSite {
        Nginx.Engine(isDefaultSiteEnabled: false)
        Nginx.Site(for: stack, container: "page", names: ["page.example.com"], tls: .selfSigned)
    }
}
