/// Capabilities of the kernel (capabilities(7)) that a container has beyond those of docker, or does without.
///
///     Capabilities(add: ["NET_ADMIN"], drop: ["ALL"])
public struct Capabilities: ContainerPart, Hashable {
    public let added: [String]
    public let dropped: [String]

    /// - Parameters:
    ///   - added: names with or without `CAP_`, or `ALL`; none by default.
    ///   - dropped: names with or without `CAP_`, or `ALL`; none by default.
    public init(add added: [String] = [], drop dropped: [String] = []) {
        self.added = added
        self.dropped = dropped
    }

    public func add(to container: inout Container) {
        if !added.isEmpty { container.add("cap_add", .list(added.map(YAML.text)), of: "Capabilities") }
        if !dropped.isEmpty { container.add("cap_drop", .list(dropped.map(YAML.text)), of: "Capabilities") }
        if added.isEmpty, dropped.isEmpty { container.addProblem("none is named", of: "Capabilities") }
        for name in added + dropped {
            let plain = name.hasPrefix("CAP_") ? String(name.dropFirst(4)) : name
            if !Self.known.contains(plain) {
                container.addProblem(
                    "there is no capability “\(name.escaped)”: use names of capabilities(7), such as NET_ADMIN",
                    of: "Capabilities")
            }
        }
    }

    private static let known: Set<String> = [
        "ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN",
        "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE",
        "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST",
        "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT",
        "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME",
        "SYS_TTY_CONFIG", "WAKE_ALARM",
    ]
}

/// Devices of the machine that a container may use.
///
///     Devices("/dev/ttyUSB0", "/dev/dri:/dev/dri", "/dev/ttyACM0:/dev/zigbee:rw")
///
/// - Note: a name such as `/dev/ttyUSB0` may belong to another device after a restart: prefer `/dev/serial/by-id/…`.
public struct Devices: ContainerPart, Hashable {
    public let devices: [String]

    /// - Parameter devices: the path on the machine; after a colon that in the container, the same by default; after
    ///   another colon what is allowed, of `r`, `w` and `m`, all by default. Or the name of a CDI device.
    public init(_ devices: String...) { self.devices = devices }

    /// - Parameter devices: see ``init(_:)-(String...)``.
    public init(_ devices: [String]) { self.devices = devices }

    public func add(to container: inout Container) {
        container.add("devices", .list(devices.map { .text(Self.written($0)) }), of: "Devices")
        for device in devices where !Self.isValid(device) {
            container.addProblem(
                "invalid device “\(device.escaped)”: use an absolute path, /dev/ttyUSB0 or /dev/ttyUSB0:/dev/zigbee:rw",
                of: "Devices")
        }
    }

    /// Compose 1.29 does not double a path by itself.
    private static func written(_ device: String) -> String {
        device.hasPrefix("/") && !device.contains(anyOf: ":") ? "\(device):\(device)" : device
    }

    private static func isValid(_ device: String) -> Bool {
        // The Container Device Interface: vendor.com/class=name.
        if !device.hasPrefix("/"), device.contains("="), device.contains("/"), !device.contains(anyOf: ":") {
            return true
        }
        var parts = device.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
            String(Substring($0))
        }
        if parts.count == 3 || parts.count == 2 && !parts[1].hasPrefix("/") {
            let access = parts.removeLast()
            guard !access.isEmpty, access.allSatisfy({ "rwm".contains($0) }), Set(access).count == access.count else {
                return false
            }
        }
        return (1...2).contains(parts.count) && parts.allSatisfy { $0.hasPrefix("/") && $0.utf8.count > 1 }
    }
}

/// Graphics processors of NVIDIA that a container may use. The machine needs its driver and the
/// nvidia-container-toolkit.
///
///     GPUs(.all)
///
/// Processors of Intel and AMD are ``Devices``: `/dev/dri`, `/dev/kfd`.
public struct GPUs: ContainerPart, Hashable {
    public enum Selection: Sendable, Hashable {
        case all
        /// This number of them, 1 at least.
        case count(Int)
        /// The numbers or UUIDs that `nvidia-smi --list-gpus` prints.
        case ids([String])
    }

    public let selection: Selection
    public let driver: String
    public let capabilities: [String]

    /// - Parameters:
    ///   - selection: which; all by default.
    ///   - driver: the driver of docker; `nvidia` by default.
    ///   - capabilities: what they are used for; `gpu` by default, which means everything.
    public init(_ selection: Selection = .all, driver: String = "nvidia", capabilities: [String] = ["gpu"]) {
        self.selection = selection
        self.driver = driver
        self.capabilities = capabilities
    }

    public func add(to container: inout Container) {
        let which: YAML.Entry =
            switch selection {
            case .all: YAML.Entry(key: "count", value: "all")
            case .count(let count): YAML.Entry(key: "count", value: .integer(count))
            case .ids(let ids): YAML.Entry(key: "device_ids", value: .list(ids.map(YAML.text)))
            }
        let device: YAML = .map([
            YAML.Entry(key: "driver", value: .text(driver)), which,
            YAML.Entry(key: "capabilities", value: .list(capabilities.map(YAML.text))),
        ])
        container.add("deploy", ["resources": ["reservations": ["devices": [device]]]], of: "GPUs")
        if case .count(let count) = selection, count < 1 { container.addProblem("use one at least", of: "GPUs") }
        if case .ids([]) = selection { container.addProblem("none is named", of: "GPUs") }
        if capabilities.isEmpty { container.addProblem("there is no capability: use “gpu”", of: "GPUs") }
    }
}

/// All devices and capabilities of the machine: the programs of the container are root on it.
public struct Privileged: ContainerPart, Hashable {
    public init() {}

    public func add(to container: inout Container) { container.add("privileged", .bool(true), of: "Privileged") }
}

/// Options of the security modules of the kernel (`--security-opt` of docker-run(1)).
///
///     SecurityOptions("no-new-privileges:true", "apparmor=unconfined")
public struct SecurityOptions: ContainerPart, Hashable {
    public let options: [String]

    /// - Parameter options: such as `no-new-privileges:true`, `seccomp=unconfined`, `label=disable`.
    public init(_ options: String...) { self.options = options }

    /// - Parameter options: such as `no-new-privileges:true`, `seccomp=unconfined`, `label=disable`.
    public init(_ options: [String]) { self.options = options }

    public func add(to container: inout Container) {
        container.add("security_opt", .list(options.map(YAML.text)), of: "SecurityOptions")
        for option in options {
            let name = option.prefix { $0 != ":" && $0 != "=" }
            if !Self.known.contains(String(name)) {
                container.addProblem(
                    "unknown option “\(option.escaped)”: docker knows \(Self.known.sorted().joined(separator: ", "))",
                    of: "SecurityOptions")
            }
        }
    }

    private static let known: Set<String> = [
        "apparmor", "label", "no-new-privileges", "seccomp", "systempaths", "writable-cgroups",
    ]
}

/// A container whose files, but for its volumes and ``Tmpfs``, cannot be changed.
public struct ReadOnly: ContainerPart, Hashable {
    public init() {}

    public func add(to container: inout Container) { container.add("read_only", .bool(true), of: "ReadOnly") }
}
