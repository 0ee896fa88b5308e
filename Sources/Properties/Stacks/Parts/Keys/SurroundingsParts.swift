/// The place where docker writes what a container prints. For all containers: ``Docker/Engine``, `daemon:`.
///
///     Logging("json-file", ["max-size": "10m", "max-file": "3"])
///     Logging(["max-size": "10m"])
public struct Logging: ContainerPart {
    /// The name of the logging driver; nil for that of the engine.
    public let driver: String?
    public let options: KeyValuePairs<String, String>

    /// - Parameters:
    ///   - driver: the name of the logging driver: `json-file`, `local`, `journald`, `none` …
    ///   - options: the options of the driver, as strings; none by default. The order stays.
    public init(_ driver: String, _ options: KeyValuePairs<String, String> = [:]) {
        self.driver = driver
        self.options = options
    }

    /// Options of the logging driver that the engine has.
    /// - Parameter options: the options of the driver, as strings. The order stays.
    public init(_ options: KeyValuePairs<String, String>) {
        driver = nil
        self.options = options
    }

    public func add(to container: inout Container) {
        container.addProblems(ofDuplicates: options.map(\.key), of: "Logging")
        let entries = options.map { YAML.Entry(key: $0.key, value: .text($0.value)) }
        container.add(
            "logging",
            .map(present: ["driver": driver.map(YAML.text), "options": entries.isEmpty ? nil : .map(entries)]),
            of: "Logging")
        if driver?.isEmpty == true { container.addProblem("it has no driver", of: "Logging") }
        if driver == nil, entries.isEmpty { container.addProblem("it says nothing", of: "Logging") }
    }
}

/// Names that a container knows besides those of DNS: lines in its `/etc/hosts`.
///
///     ExtraHosts(["host.docker.internal": "host-gateway", "nas": "192.0.2.7"])
public struct ExtraHosts: ContainerPart {
    public let hosts: KeyValuePairs<String, String>

    /// - Parameter hosts: an IPv4 or IPv6 address for each name, or `host-gateway` for that of the machine.
    public init(_ hosts: KeyValuePairs<String, String>) { self.hosts = hosts }

    public func add(to container: inout Container) {
        let lines = hosts.map { YAML.text("\($0.key):\($0.value)") }
        if !lines.isEmpty { container.add("extra_hosts", .list(lines), of: "ExtraHosts") }
        for (name, address) in hosts {
            if !HostnameLabels.isValid(name) {
                container.addProblem("invalid host name “\(name.escaped)”", of: "ExtraHosts")
            }
            if address != "host-gateway", !IPAddress.isValid(address) {
                container.addProblem(
                    "invalid address “\(address.escaped)” of \(name.escaped): use an IPv4 or IPv6 address, or "
                        + "host-gateway for that of the machine", of: "ExtraHosts")
            }
        }
    }
}

/// The DNS servers of a container, in place of those of the machine (resolv.conf(5)).
///
///     DNS("192.0.2.53", search: ["example.com"])
public struct DNS: ContainerPart, Hashable {
    public let servers: [String]
    public let search: [String]
    public let options: [String]

    /// - Parameters:
    ///   - servers: IPv4 or IPv6 addresses.
    ///   - search: domains in which names without a dot are looked up; those of the machine by default.
    ///   - options: such as `ndots:1`; those of the machine by default.
    public init(_ servers: String..., search: [String] = [], options: [String] = []) {
        self.servers = servers
        self.search = search
        self.options = options
    }

    public func add(to container: inout Container) {
        for (key, values) in [("dns", servers), ("dns_search", search), ("dns_opt", options)] where !values.isEmpty {
            container.add(key, .list(values.map(YAML.text)), of: "DNS")
        }
        if servers.isEmpty, search.isEmpty, options.isEmpty { container.addProblem("it says nothing", of: "DNS") }
        for server in servers where !IPAddress.isValid(server) {
            container.addProblem(
                "invalid address “\(server.escaped)”: use an IPv4 or IPv6 address such as 192.0.2.53", of: "DNS")
        }
    }
}
