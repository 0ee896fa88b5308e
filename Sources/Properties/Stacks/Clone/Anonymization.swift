/// What is done to a copy of a stack's data before it goes to another host: names, addresses and whatever else is nobody's business
/// there are taken out.
///
///     Anonymization(in: "db", "psql --username=postgres --dbname=shop --command=\"UPDATE customer SET email = id || '@example.com'\"")
///
/// It is done on the host that the data belong to, in containers and volumes that are thrown away afterwards: what is taken out never
/// leaves that host. Those that a role has are done in the order in which it has them. One that fails lets nothing go.
public struct Anonymization: StackPart, Hashable {
    /// The name of the container whose data it changes.
    public let container: String
    let command: [String]

    /// A line for the container's own shell. It must exit with 0.
    ///
    /// A container whose volume is backed up by a command runs while this is executed in it. Of any other one the image is started
    /// with this line alone, and with its volumes and variables. There is no network.
    /// - Parameter container: the container whose data it changes; a copy of them is where it has its volumes.
    public init(in container: String, _ line: String) {
        self.container = container
        command = ["/bin/sh", "-c", line]
    }

    /// A program and its arguments, for images without a shell; see ``init(in:_:)``.
    public init(in container: String, program: String, _ arguments: [String]) {
        self.container = container
        command = [program] + arguments
    }

    public func add(to stack: inout Stack) { stack.anonymizations.append(self) }
}

extension Stack {
    /// What is wrong with how its data are made anonymous, in words.
    var anonymizationProblems: [String] {
        anonymizations.compactMap { step in
            guard let container = containers.first(where: { $0.name == step.container }) else {
                return "data are made anonymous in \(step.container.escaped), which the stack does not have"
            }
            guard
                container.volumes.contains(where: { volume in
                    dataVolumes.contains { $0.name == volume.name && $0.backup != .none }
                })
            else {
                return "data are made anonymous in \(container.name), which has none that are backed up"
            }
            return nil
        }
    }
}
