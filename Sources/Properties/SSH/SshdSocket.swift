/// The ports of `ssh.socket`, where systemd listens for sshd, as on Ubuntu from 22.10 on: sshd's own are not used then.
struct SshdSocket: Property, HostDependent, Guarded {
    typealias Target = DebianLike

    private static let unit = "ssh.socket"
    /// The ports that the drop-ins declare.
    private var numbers: [UInt16] = []

    func adapted(to steps: [Step]) -> SshdSocket {
        var socket = self
        socket.numbers = steps.flatMap(\.declaredPorts).ssh
        return socket
    }

    var name: String { "ports of \(Self.unit)" }
    var claims: [Claim] { dropIn.claims }

    private var dropIn: SystemdUnit.DropIn {
        // An empty value forgets those of the unit. One that names only a port listens on IPv4 and IPv6.
        let streams = numbers.map { "ListenStream=\($0)\n" }.joined()
        return SystemdUnit.DropIn(
            Self.unit, "propel", "[Socket]\nListenStream=\n\(streams)BindIPv6Only=both\n")
    }

    /// Whether the socket is enabled.
    static func isUsed(on machine: Machine) throws -> Bool {
        try machine.files.status(of: "/etc/systemd/system/sockets.target.wants/ssh.socket") != nil
    }

    func announce(to machine: Machine) { machine.expect(Self.unit, of: SystemdUnits.self) }

    func check(on machine: Machine) async throws -> Check {
        guard try Self.isUsed(on: machine) else { return .satisfied }
        let check = try await dropIn.check(on: machine)
        if check != .satisfied { try refuseLockout(on: machine) }
        return check
    }

    func apply(on machine: Machine) async throws {
        try refuseLockout(on: machine)
        try await dropIn.apply(on: machine)
        do {
            // As in `restoration`.
            try await machine.control(.restart, Self.unit)
        } catch {
            // It cannot take the port from a sshd that was started without it. The sessions of that go on.
            try await machine.succeed(SystemctlCommand.stop(["ssh.service"]))
            try await machine.control(.start, Self.unit)
        }
    }

    func restoration(on machine: Machine) async throws -> Restoration {
        let restart = "systemctl restart \(Self.unit) || { systemctl stop ssh.service; systemctl start \(Self.unit); }"
        return Restoration(reloads: [Invocation("sh", ["-c", restart])])
    }

    private func refuseLockout(on machine: Machine) throws {
        guard let port = machine.connection?.port, !numbers.contains(port) else { return }
        throw SshdEffect.deafness(of: Self.unit, on: port, numbers)
    }
}
