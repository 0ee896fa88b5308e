extension Nginx.Site {
    /// A site in front of a container of a stack: it passes requests to the port that the container publishes.
    /// If that is one of several (`Publish(oneOf: 8080...8081, to: 80)`), a new version takes over without a gap.
    ///
    ///     let shop = Stack("shop") { Container("app", image: "shop/app") { Publish(8080, to: 80, on: "127.0.0.1") } }
    ///     shop
    ///     Nginx.Site(for: shop, container: "app", names: ["shop.example.com"], tls: .selfSigned)
    ///
    /// A missing container or port is a problem that is found before any machine is touched.
    /// - Parameters:
    ///   - stack: the stack.
    ///   - container: the name in the stack.
    ///   - containerPort: the port inside the container; needed only if the container publishes more than one.
    ///   - name: the name of the site's files; that of the stack by default.
    ///   - names: the host names that it answers to, at least one; `*.example.com` for all below one.
    ///   - tls: the source of its certificate; no TLS by default.
    ///   - redirectsToTLS: whether requests without TLS are redirected permanently (308); yes by default. Otherwise
    ///     they are served too.
    ///   - bodyLimit: the largest body of a request; 1 MiB by default, as in nginx.
    ///   - directives: further directives for the `server` block, one per line; none by default.
    ///   - locations: parts that are answered otherwise; none by default.
    ///   - options: other settings.
    public init(
        for stack: Stack, container: String, port containerPort: UInt16? = nil, name: String? = nil, names: [String],
        tls: Nginx.TLS = .none,
        redirectsToTLS: Bool = true, bodyLimit: ByteSize = .mebibytes(1), directives: String = "",
        locations: [Nginx.Location] = [], options: Options = Options()
    ) {
        let found = stack.published(by: container, containerPort: containerPort)
        let main = found.backend.map { [Nginx.Location("/", .proxy($0))] } ?? []
        self.init(
            siteName: name ?? stack.name, names: names, locations: main + locations, backendProblem: found.problem,
            tls: tls, redirectsToTLS: redirectsToTLS, bodyLimit: bodyLimit, directives: directives, options: options)
    }
}

extension Stack {
    /// The backend for a container, or the problem with it.
    fileprivate func published(by name: String, containerPort: UInt16?) -> (backend: Nginx.Backend?, problem: String?) {
        guard let container = container(named: name) else {
            return (nil, "the stack \(self.name.escaped) has no container \(name.escaped)")
        }
        let ports = container.ports.filter {
            $0.port.transport == "tcp" && (containerPort == nil || $0.containerPort == containerPort)
        }
        guard let port = ports.first else {
            let what = containerPort.map { "its port \($0)" } ?? "no port"
            return (
                nil,
                "the container \(name.escaped) \(containerPort == nil ? "publishes" : "does not publish") \(what): "
                    + "give it Publish(8080, to: \(containerPort ?? 80), on: \"127.0.0.1\")"
            )
        }
        guard ports.count == 1 else {
            let all = ports.map { "\($0.containerPort)" }.joined(separator: ", ")
            return (
                nil, "the container \(name.escaped) publishes more than one port: say which with `port:`, one of \(all)"
            )
        }
        if port.alternatives != nil, let ports = ContainerPorts(of: container, in: self) {
            return (.servers(.init(of: ports)), nil)
        }
        return (
            port.address.map { .url("http://\(Self.reachable($0)):\(port.port.number)") } ?? .port(port.port.number),
            nil
        )
    }

    /// The address by which the machine itself reaches a server that listens on `address`.
    private static func reachable(_ address: String) -> String {
        switch address {
        case "", "0.0.0.0": "127.0.0.1"
        case "::": "[::1]"
        default: address.contains(":") ? "[\(address)]" : address
        }
    }
}
