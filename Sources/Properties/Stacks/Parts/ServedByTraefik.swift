/// A container that traefik finds by its labels. A new version starts beside the former one, and no request is lost.
///
///     Container("page", image: "page", tag: "1.4") {
///         Labels(["traefik.enable": "true", "traefik.http.routers.page.rule": "Host(`page.example.com`)"])
///         HealthCheck("wget -q -O /dev/null http://127.0.0.1/")
///         ServedByTraefik()
///     }
///
/// traefik passes requests to containers that docker calls healthy, and to no others. So the new one gets none before
/// it is healthy; then both get them; and before the former one is stopped, its health check is made to fail, so that
/// traefik leaves it out. For that its health check is a command line, which also looks for `/dev/shm/propel.drain`.
///
/// It has no volume to write to, no port of the machine and no fixed name, as with
/// ``Publish/init(oneOf:to:drainTimeout:)``; a plan says what is stopped first, and why. If its labels for traefik
/// change it is stopped first too: traefik takes neither of two containers that describe one router in different ways.
///
/// Other programs that find containers by their labels, such as caddy-docker-proxy and nginx-proxy, do not look at the
/// health of a container.
public struct ServedByTraefik: ContainerPart, Hashable {
    /// The time from when traefik leaves the former container out until it is stopped.
    public let drainTimeout: Duration

    /// - Parameter drainTimeout: the time that requests to the former container may take to end before it is stopped;
    ///   15 seconds by default, 3 at least: traefik takes up to two seconds to follow.
    public init(drainTimeout: Duration = .seconds(15)) { self.drainTimeout = drainTimeout }

    public func add(to container: inout Container) {
        if container.traefik != nil { container.addProblem("it is there twice: keep one", of: "ServedByTraefik") }
        if drainTimeout < .seconds(3) {
            container.addProblem(
                "a drainTimeout of \(drainTimeout.inWords) is too short: give 3 seconds at least", of: "ServedByTraefik"
            )
        }
        container.traefik = self
    }

    /// The file in a container whose presence makes its health check fail. It is in memory: a restart removes it.
    static let mark = "/dev/shm/propel.drain"

    /// The test of a health check that fails as soon as there is the file.
    static func test(_ check: HealthCheck) -> [String] {
        guard check.test.count == 2, check.test[0] == "CMD-SHELL" else { return check.test }
        return ["CMD-SHELL", "test ! -e \(mark) || exit 1; \(check.test[1])"]
    }
}

extension Container {
    /// The problems with how traefik serves it, whichever part comes first.
    var traefikProblems: [String] {
        guard traefik != nil else { return [] }
        var problems: [String] = []
        if traefikLabels.isEmpty {
            problems.append("no label for it: add Labels([\"traefik.enable\": \"true\", …])")
        }
        if healthCheck?.test.first != "CMD-SHELL" {
            problems.append("no HealthCheck with a command line, by which traefik knows when it can take requests")
        }
        if ports.contains(where: { $0.alternatives != nil }) {
            problems.append("Publish(oneOf:), which is for the nginx of the machine: keep one of the two")
        }
        return problems.map { "the container \(name.escaped) has ServedByTraefik and \($0)" }
    }

    /// Its labels for traefik.
    var traefikLabels: [String: String] {
        let entries = value(of: "labels")?.entries.filter { $0.key.hasPrefix("traefik.") } ?? []
        return Dictionary(entries.map { ($0.key, $0.value.string ?? "") }) { first, _ in first }
    }
}
