import Properties

/// A page whose image is built on the machine, brought in an archive, or pulled, for the tests of deployments.
///
/// Keys in hosts.conf: `origin`, which of these: `directory`, as by default, `archive` or `registry`. The last one has the tag. `site`, true
/// for an nginx of the host before it.
let page = Role("page", runs: Debian.self, keys: ["origin", "site"]) { host in
    let origin = try host.string("origin") ?? "directory", hasSite = try host.bool("site") ?? false
    let parts: [any ContainerPart] = [
        Publish(8080, to: 80),
        HealthCheck("wget -q -O /dev/null http://127.0.0.1/", every: .seconds(1)),
    ]

    Docker.Engine(daemon: dockerDaemon)
    let stack = Stack("page", patience: .seconds(60)) {
        switch origin {
        case "archive": Container("page", image: "page", tag: "archived", origin: .archive("/srv/page.tar.gz")) { parts }
        case "registry": Container("page", image: "localhost:5000/page", tag: host.tag) { parts }
        default: Container("page", image: "page", tag: "built", origin: .directory("/srv/source")) { parts }
        }
    }
    stack
    if hasSite {
        Nginx.Engine(isDefaultSiteEnabled: false)
        Nginx.Site(for: stack, container: "page", names: ["page.example.com"], tls: .selfSigned)
    }
}
