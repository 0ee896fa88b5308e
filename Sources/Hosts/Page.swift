import Properties

/// A page whose image is built on the machine, brought in an archive, or pulled, for the tests of deployments.
///
/// Key in hosts.conf: `origin`, which of these: `directory`, as by default, `archive` or `registry`. The last one has the tag.
let page = Role("page", runs: Debian.self, keys: ["origin"]) { host in
    let origin = try host.string("origin") ?? "directory"
    let parts: [any ContainerPart] = [
        Publish(8080, to: 80),
        HealthCheck("wget -q -O /dev/null http://127.0.0.1/", every: .seconds(1)),
    ]

    Docker.Engine(daemon: dockerDaemon)
    Stack("page", patience: .seconds(60)) {
        switch origin {
        case "archive": Container("page", image: "page", tag: "archived", origin: .archive("/srv/page.tar.gz")) { parts }
        case "registry": Container("page", image: "localhost:5000/page", tag: host.tag) { parts }
        default: Container("page", image: "page", tag: "built", origin: .directory("/srv/source")) { parts }
        }
    }
}
