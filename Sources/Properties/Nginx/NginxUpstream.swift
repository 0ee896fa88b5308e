extension Nginx {
    /// Servers that share the requests of a site (<https://nginx.org/en/docs/http/ngx_http_upstream_module.html>).
    ///
    ///     Nginx.Site("app", names: ["app.example.com"], proxyTo: .servers(.init(
    ///         ["10.0.0.5:8080", .init("10.0.0.6:8080", weight: 2), .init("10.0.0.7:8080", isBackup: true)],
    ///         balancing: .leastConnections)))
    public struct Upstream: Sendable, Hashable {
        /// A server of the group.
        public struct Server: Sendable, Hashable, ExpressibleByStringLiteral {
            public let address: String
            public let weight: Int
            public let isBackup: Bool
            public let maxFails: Int
            public let failTimeout: Duration

            /// - Parameters:
            ///   - address: a host and a port, such as `10.0.0.5:8080`, or `unix:` and the path of a socket.
            ///   - weight: its share of the requests; 1 by default.
            ///   - isBackup: whether it is used only if no other server can be; no by default.
            ///   - maxFails: after how many failures it is left out for a while; 1 by default, 0 for never.
            ///   - failTimeout: that while, and the time in which the failures count; 10 seconds by default.
            public init(
                _ address: String, weight: Int = 1, isBackup: Bool = false, maxFails: Int = 1,
                failTimeout: Duration = .seconds(10)
            ) {
                self.address = address
                self.weight = weight
                self.isBackup = isBackup
                self.maxFails = maxFails
                self.failTimeout = failTimeout
            }

            public init(stringLiteral address: String) { self.init(address) }
        }

        /// The choice of the server for a request.
        public enum Balancing: String, Sendable, Hashable {
            /// One after the other.
            case roundRobin = ""
            /// The one with the fewest connections.
            case leastConnections = "least_conn"
            /// The same one for the same address of a client.
            case clientAddress = "ip_hash"
        }

        public let servers: [Server]
        public let balancing: Balancing
        public let idleConnections: Int
        public let isTLS: Bool
        /// The ports of a container, whose file has them in their present order; nil for other servers.
        let ports: ContainerPorts?

        /// The ports of a container of a stack, in the order of a file that a deployment rewrites.
        init(of ports: ContainerPorts) {
            servers = ports.servers(first: ports.range.lowerBound)
            balancing = .roundRobin
            idleConnections = 0
            isTLS = false
            self.ports = ports
        }

        /// - Parameters:
        ///   - servers: at least one.
        ///   - balancing: how the server for a request is chosen; one after the other by default.
        ///   - idleConnections: how many connections each worker keeps open for later requests; 0 by default.
        ///   - isTLS: whether the servers speak TLS; no by default.
        public init(
            _ servers: [Server], balancing: Balancing = .roundRobin, idleConnections: Int = 0, isTLS: Bool = false
        ) {
            self.servers = servers
            self.balancing = balancing
            self.idleConnections = idleConnections
            self.isTLS = isTLS
            ports = nil
        }

        func text(_ name: String) -> String {
            var lines = balancing == .roundRobin ? [] : ["\(balancing.rawValue);"]
            lines += ports.map { ["include \($0.path);"] } ?? servers.map(\.text)
            // After the balancing: nginx demands that order.
            if idleConnections > 0 { lines.append("keepalive \(idleConnections);") }
            return "upstream \(name) {\n" + lines.map { "    \($0)\n" }.joined() + "}\n"
        }

        var problems: [String] {
            var problems = servers.isEmpty ? ["a group of servers is empty"] : servers.flatMap(\.problems)
            if !servers.isEmpty, servers.allSatisfy(\.isBackup) {
                problems.append("all servers of a group are backups")
            }
            if balancing == .clientAddress, servers.contains(where: \.isBackup) {
                problems.append("a group of servers that is balanced by the address of the client has no backups")
            }
            if idleConnections < 0 { problems.append("invalid number of idle connections \(idleConnections)") }
            return problems
        }
    }
}

extension Nginx.Upstream.Server {
    var text: String {
        var words = ["server \(address)"]
        if weight != 1 { words.append("weight=\(weight)") }
        if maxFails != 1 { words.append("max_fails=\(maxFails)") }
        if failTimeout != .seconds(10) { words.append("fail_timeout=\(NginxText.time(failTimeout))") }
        if isBackup { words.append("backup") }
        return words.joined(separator: " ") + ";"
    }

    fileprivate var problems: [String] {
        let socket = address.hasPrefix("unix:") ? FilePath(String(address.dropFirst(5))) : nil
        let isAddress =
            socket.map { $0.isAbsolute && HostNames.isPlain(path: $0.string) } ?? HostNames.isServer(address)
        guard isAddress else {
            return ["invalid address of a server “\(address.escaped)”: write one such as 10.0.0.5:8080"]
        }
        return weight > 0 && maxFails >= 0 && failTimeout > .zero ? [] : ["invalid weight or failures of \(address)"]
    }
}
