/// A command that removes private data, such as names and addresses, from a copy of a stack's data before it goes to
/// another host.
///
///     Anonymization(in: "db", "psql --username=postgres --dbname=shop --command=\"UPDATE customer SET email = ''\"")
///
/// It runs on the host that the data belong to, in containers and volumes that are thrown away afterwards: what it
/// removes never leaves that host. Several run in the order of the stack. If one fails, nothing leaves the host.
public struct Anonymization: StackPart, Hashable {
    /// The name of the container whose data it changes.
    public let container: String
    let command: [String]

    /// A line for the shell of the container. It must exit with 0.
    ///
    /// If a volume of the container is backed up by a command, the line is executed in the running container. Otherwise
    /// the image is started with only this line, and with the volumes and variables of the container. There is no
    /// network.
    /// - Parameters:
    ///   - container: the container whose data it changes; a copy of them is in its volumes.
    ///   - line: a command line for the shell of the container.
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
    /// The problems with its anonymizations.
    var anonymizationProblems: [String] {
        anonymizations.compactMap { step in
            guard let container = container(named: step.container) else {
                return "Anonymization(in: “\(step.container.escaped)”): the stack has no such container"
            }
            guard
                container.volumes.contains(where: { volume in
                    dataVolumes.contains { $0.name == volume.name && $0.backup != .none }
                })
            else {
                return "Anonymization(in: “\(container.name)”): the container has no data that are backed up"
            }
            return nil
        }
    }
}
