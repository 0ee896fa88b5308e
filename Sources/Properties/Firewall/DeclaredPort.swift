/// A port that a property of the host declares.
struct DeclaredPort: Sendable {
    let port: Port
    /// Whether sshd listens on it.
    let isSSH: Bool
    /// The conditions that a machine must meet for it.
    let conditions: [Condition]

    func isPresent(on machine: Machine) async throws -> Bool {
        for condition in conditions where try await !condition.holds(machine) { return false }
        return true
    }
}

extension Step {
    /// The ports that others can reach: what a container publishes on a loopback address is left out.
    var declaredPorts: [DeclaredPort] {
        let ports =
            if let deployment = property as? StackDeployment {
                deployment.stack.containers.flatMap(\.ports).filter { !$0.isOnLoopback }.map(\.port)
            } else {
                property.ports
            }
        return ports.map { DeclaredPort(port: $0, isSSH: property is SshdDropIn, conditions: conditions) }
    }
}

extension [DeclaredPort] {
    /// The numbers of the ports of sshd, in ascending order.
    var ssh: [UInt16] { Set(filter(\.isSSH).map(\.port.number)).sorted() }
}

extension Publish {
    fileprivate var isOnLoopback: Bool { address.map { $0.hasPrefix("127.") || $0 == "::1" } ?? false }
}
