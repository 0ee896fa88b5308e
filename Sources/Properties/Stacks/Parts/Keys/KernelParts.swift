/// A directory of a container in memory, which is empty at each start.
///
///     Tmpfs("/run", size: .mebibytes(64), mode: 0o1777)
public struct Tmpfs: ContainerPart, Hashable {
    /// The path in the container.
    public let path: FilePath
    /// The most that it takes; nil for half of the memory.
    public let size: ByteSize?
    /// The permission bits; nil for 1777.
    public let mode: FileMode?
    /// Further options of tmpfs(5).
    public let options: [String]

    /// - Parameters:
    ///   - path: the absolute path in the container.
    ///   - size: the most that it takes; half of the memory by default.
    ///   - mode: the permission bits; 1777 by default.
    ///   - options: further options of tmpfs(5): `uid=1000`, `exec`.
    public init(_ path: FilePath, size: ByteSize? = nil, mode: FileMode? = nil, options: [String] = []) {
        self.path = path
        self.size = size
        self.mode = mode
        self.options = options
    }

    public func add(to container: inout Container) {
        let all =
            [size.map { "size=\($0.bytes)" }, mode.map { "mode=\(String($0.bits, radix: 8))" }].compactMap(\.self)
            + options
        let text = path.string + (all.isEmpty ? "" : ":" + all.joined(separator: ","))
        container.add("tmpfs", .list([.text(text)]), of: "Tmpfs")
        container.tmpfsPaths.append(path)
        container.addProblem(mode?.problem, of: "Tmpfs")
        if let size, size.bytes < 4096 { container.addProblem("the size is less than a page of memory", of: "Tmpfs") }
        for option in options
        where option.isEmpty || option.utf8.contains(where: { $0 <= 0x20 || ",:".utf8.contains($0) }) {
            container.addProblem("invalid option “\(option.escaped)”: give one in each string", of: "Tmpfs")
        }
    }
}

/// The size of `/dev/shm` in a container; 64 MiB by default. Databases and browsers need more.
public struct SharedMemory: ContainerPart, Hashable {
    /// The size of the directory.
    public let size: ByteSize

    /// - Parameter size: at least a page of memory, 4 KiB.
    public init(_ size: ByteSize) { self.size = size }

    public func add(to container: inout Container) {
        container.add("shm_size", .integer(size.bytes), of: "SharedMemory")
        container.addProblem(
            size.problem ?? (size.bytes < 4096 ? "it is less than a page of memory" : nil), of: "SharedMemory")
    }
}

/// Limits of the processes of a container (setrlimit(2)).
///
///     Ulimits(["nofile": 65536, "memlock": .unlimited, "nproc": .soft(4096, hard: 8192)])
public struct Ulimits: ContainerPart {
    /// A limit in the unit of setrlimit(2): bytes, seconds or a number.
    public enum Limit: Sendable, Hashable, ExpressibleByIntegerLiteral {
        /// One number for the soft and the hard limit.
        case both(Int)
        case soft(Int, hard: Int)
        case unlimited

        public init(integerLiteral value: Int) { self = .both(value) }

        fileprivate var yaml: YAML {
            switch self {
            case .both(let number): .integer(number)
            case .soft(let soft, let hard): ["soft": .integer(soft), "hard": .integer(hard)]
            case .unlimited: .integer(-1)
            }
        }

        fileprivate var isValid: Bool {
            switch self {
            case .both(let number): number >= -1
            case .soft(let soft, let hard): soft >= -1 && hard >= -1 && (hard == -1 || soft != -1 && soft <= hard)
            case .unlimited: true
            }
        }
    }

    public let limits: KeyValuePairs<String, Limit>

    /// - Parameter limits: by the names of docker: `nofile`, `nproc`, `memlock`, `core` …; the order stays.
    public init(_ limits: KeyValuePairs<String, Limit>) { self.limits = limits }

    public func add(to container: inout Container) {
        let entries = limits.map { YAML.Entry(key: $0.key, value: $0.value.yaml) }
        container.addProblems(ofDuplicates: limits.map(\.key), of: "Ulimits")
        if !entries.isEmpty { container.add("ulimits", .map(entries), of: "Ulimits") }
        for (name, limit) in limits {
            if !Self.known.contains(name) {
                container.addProblem(
                    "there is no limit “\(name.escaped)”: docker knows \(Self.known.joined(separator: ", "))",
                    of: "Ulimits")
            }
            if !limit.isValid {
                container.addProblem("“\(name.escaped)”: the soft limit is at most the hard one", of: "Ulimits")
            }
        }
    }

    private static let known = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
        "rttime", "sigpending", "stack",
    ]
}

/// Parameters of the kernel for one container alone (sysctl(8)). ``Sysctl`` sets those of the machine.
///
///     Sysctls(["net.core.somaxconn": "1024"])
public struct Sysctls: ContainerPart {
    public let values: KeyValuePairs<String, String>

    /// - Parameter values: by the names of the parameters; the order stays. Docker takes those of which each container
    ///   has its own: `net.`, `fs.mqueue.`, and the System V ones of `kernel.`.
    public init(_ values: KeyValuePairs<String, String>) { self.values = values }

    public func add(to container: inout Container) {
        container.add("sysctls", strings: values, of: "Sysctls")
        for (name, _) in values where !Self.isOfContainer(name) {
            container.addProblem(
                "“\(name.escaped)” belongs to the whole machine: declare Sysctl(\"\(name.escaped)\", …) beside the "
                    + "Stack",
                of: "Sysctls")
        }
    }

    private static func isOfContainer(_ name: String) -> Bool {
        name.hasPrefix("net.") || name.hasPrefix("fs.mqueue.") || name.hasPrefix("kernel.shm")
            || name.hasPrefix("kernel.msg") || ["kernel.sem", "kernel.domainname"].contains(name)
    }
}

/// The processes that the programs of a container see: those of the machine, or of another container.
public struct Pid: ContainerPart, Hashable {
    public enum Namespace: Sendable, Hashable {
        case host
        /// Another container of the stack, which is started before.
        case container(String)
    }

    public let namespace: Namespace

    public init(_ namespace: Namespace) { self.namespace = namespace }

    public func add(to container: inout Container) {
        switch namespace {
        case .host: container.add("pid", "host", of: "Pid")
        case .container(let name):
            container.add("pid", .text("service:\(name)"), of: "Pid")
            container.namespaceOwners.append(name)
        }
    }
}

/// The System V shared memory that the programs of a container see.
public struct Ipc: ContainerPart, Hashable {
    public enum Namespace: Sendable, Hashable {
        case host
        /// The memory of the container, which others may share.
        case shareable
        /// The memory of the container alone.
        case `private`
        /// The memory of another container of the stack, which is ``shareable`` and started before.
        case container(String)
    }

    public let namespace: Namespace

    public init(_ namespace: Namespace) { self.namespace = namespace }

    public func add(to container: inout Container) {
        switch namespace {
        case .host: container.add("ipc", "host", of: "Ipc")
        case .shareable: container.add("ipc", "shareable", of: "Ipc")
        case .private: container.add("ipc", "private", of: "Ipc")
        case .container(let name):
            container.add("ipc", .text("service:\(name)"), of: "Ipc")
            container.namespaceOwners.append(name)
        }
    }
}
