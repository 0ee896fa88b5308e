extension Container {
    /// The user that the program of a container runs as, in place of the one of its image.
    ///
    ///     Container.User("1000:1000")
    ///
    /// Names are those in the image, not those of the machine.
    public struct User: ContainerPart, Hashable {
        public let user: String

        /// - Parameter user: a name or a UID, with the name of a group or a GID after a colon if the image's does not
        ///   fit.
        public init(_ user: String) { self.user = user }

        /// - Parameters:
        ///   - uid: the UID.
        ///   - gid: the GID.
        public init(uid: UInt32, gid: UInt32) { user = "\(uid):\(gid)" }

        public func add(to container: inout Container) {
            container.add("user", .text(user), of: "Container.User")
            let parts = user.split(separator: ":", omittingEmptySubsequences: false)
            let isValid =
                parts.count <= 2
                && parts.allSatisfy { part in
                    part.utf8.first.map { $0 != UInt8(ascii: "-") } == true
                        && part.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_.-$".utf8.contains($0) }
                }
            if !isValid {
                container.addProblem("invalid “\(user.escaped)”: use 1000, 1000:1000 or a name", of: "Container.User")
            }
        }
    }
}

/// The directory that the program of a container is started in, in place of the one of its image.
public struct WorkingDirectory: ContainerPart, Hashable {
    /// The path in the container.
    public let path: FilePath

    /// - Parameter path: the absolute path in the container.
    public init(_ path: FilePath) { self.path = path }

    public func add(to container: inout Container) {
        container.add("working_dir", .text(path.string), of: "WorkingDirectory")
        if !path.isAbsolute {
            container.addProblem("“\(path.string.escaped)” is not absolute", of: "WorkingDirectory")
        }
    }
}

/// A small program as process 1 of a container, which passes signals on and reaps zombies (`--init` of docker-run(1)).
public struct Init: ContainerPart, Hashable {
    public init() {}

    public func add(to container: inout Container) { container.add("init", .bool(true), of: "Init") }
}

/// The signal that stops a container, in place of the one of its image: `SIGINT`.
public struct StopSignal: ContainerPart, Hashable {
    public let signal: String

    /// - Parameter signal: the name with `SIG`, or the number.
    public init(_ signal: String) { self.signal = signal }

    public func add(to container: inout Container) {
        container.add("stop_signal", .text(signal), of: "StopSignal")
        let isNumber = Int(signal).map { (1...64).contains($0) } == true
        let isName =
            signal.hasPrefix("SIG") && signal.utf8.count > 3
            && signal.utf8.allSatisfy { $0.isASCIIUppercase || $0.isASCIIDigit || "+-".utf8.contains($0) }
        if !isNumber && !isName {
            container.addProblem("invalid signal “\(signal.escaped)”: use a name such as SIGINT", of: "StopSignal")
        }
    }
}

/// The time that a container may take to stop before it is killed; thirty seconds by default.
///
/// Docker goes by it when somebody stops the container alone. Propel gives each container of a stack the longest time
/// of all, and thirty seconds at least.
public struct StopTimeout: ContainerPart, Hashable {
    /// The time from the signal that stops it to SIGKILL.
    public let duration: Duration

    /// - Parameter duration: whole seconds, at most an hour.
    public init(_ duration: Duration) { self.duration = duration }

    public func add(to container: inout Container) {
        let (seconds, attoseconds) = duration.components
        container.add("stop_grace_period", .text("\(seconds)s"), of: "StopTimeout")
        if attoseconds != 0 || !(1...3600).contains(seconds) {
            container.addProblem("use whole seconds, from one to 3600", of: "StopTimeout")
        } else {
            container.stopSeconds = Int(seconds)
        }
    }
}

/// Further groups of the user of a container: those that own a device, for example.
public struct GroupAdd: ContainerPart, Hashable {
    public let groups: [String]

    /// - Parameter groups: GIDs of the machine, or names of groups in the image.
    public init(_ groups: String...) { self.groups = groups }

    /// - Parameter groups: GIDs of the machine, or names of groups in the image.
    public init(_ groups: [String]) { self.groups = groups }

    public func add(to container: inout Container) {
        container.add("group_add", .list(groups.map(YAML.text)), of: "GroupAdd")
        for group in groups
        where group.isEmpty || !group.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_.-".utf8.contains($0) }) {
            container.addProblem("invalid group “\(group.escaped)”: use a GID or a name", of: "GroupAdd")
        }
    }
}

extension Stack {
    /// The time from the signal that stops a container to SIGKILL.
    var stopGrace: Duration {
        .seconds(max(HaltedContainers.grace, containers.compactMap(\.stopSeconds).max() ?? 0))
    }
}
