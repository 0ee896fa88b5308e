/// The ports of the machine of which a container of a stack has one, and the file that says which one nginx asks first.
///
/// Docker chooses the port whenever it starts the container. nginx asks the others where nothing listens on the first
/// one: so it finds the container after a boot too, whichever port that got then. A deployment puts the port of the
/// container first that is to get the requests.
struct ContainerPorts: Sendable, Hashable {
    let stack: String
    let container: String
    let range: ClosedRange<UInt16>
    /// See ``Publish/drainTimeout``.
    let drainTimeout: Duration

    /// Nil if the container has no such ports.
    init?(of container: Container, in stack: Stack) {
        guard let port = container.ports.first(where: { $0.alternatives != nil }), let range = port.alternatives else {
            return nil
        }
        self.stack = stack.name
        self.container = container.name
        self.range = range
        drainTimeout = port.drainTimeout
    }

    /// The file that the sites in front of the container include.
    var path: FilePath { NginxPaths.servers(of: container, in: stack) }

    /// The servers of the file. A refused connection must not leave the first one out for ten seconds.
    func servers(first: UInt16) -> [Nginx.Upstream.Server] {
        let others = range.filter { $0 != first }
        return [Nginx.Upstream.Server("127.0.0.1:\(first)", maxFails: 0)]
            + others.map { Nginx.Upstream.Server("127.0.0.1:\($0)", isBackup: true, maxFails: 0) }
    }

    func text(first: UInt16) -> String {
        "# The ports of \(container) of \(stack). A deployment puts the one first that gets the requests.\n"
            + servers(first: first).map { "\($0.text)\n" }.joined()
    }

    /// The port that is asked first; nil if there is no such file, or it is one for other ports.
    func first(on machine: Machine) throws -> UInt16? {
        guard let bytes = try machine.files.readIfPresent(path) else { return nil }
        return range.first { Array(text(first: $0).utf8) == bytes }
    }

    /// - Parameter first: the port that is asked first.
    func write(first: UInt16, on machine: Machine) throws {
        try machine.files.createDirectories(path.removingLastComponent(), mode: 0o755)
        try machine.files.replace(path, with: Array(text(first: first).utf8), mode: 0o644)
    }
}

/// The file of the ports of a container, for the sites that include it. Which of them is the first does not matter.
struct ContainerPortsFile: Property {
    typealias Target = DebianLike

    let ports: ContainerPorts

    var name: String { "nginx: ports of \(ports.container) of \(ports.stack)" }
    var claims: [Claim] {
        let range = "\(ports.range.lowerBound)-\(ports.range.upperBound)"
        return [.path(ports.path, is: "the ports \(range)", summary: "the ports \(range)")]
    }

    func check(on machine: Machine) async throws -> Check {
        if try ports.first(on: machine) != nil { return .satisfied }
        return .unmet(try machine.files.status(of: ports.path) == nil ? "absent" : "of other ports")
    }

    func apply(on machine: Machine) async throws {
        try machine.originals.keep(ports.path)
        try ports.write(first: ports.range.lowerBound, on: machine)
    }
}
