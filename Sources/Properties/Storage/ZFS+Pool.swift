extension ZFS {
    /// A pool of disks.
    ///
    ///     ZFS.Pool("tank", [.mirror("/dev/disk/by-id/ata-1", "/dev/disk/by-id/ata-2")])
    ///     ZFS.Pool(
    ///         "bulk", [.raidz(["/dev/disk/by-id/ata-3", "/dev/disk/by-id/ata-4", "/dev/disk/by-id/ata-5"])],
    ///         options: ["ashift": "12"], properties: ["compression": "lz4", "mountpoint": "/srv/bulk"])
    ///
    /// It is made once, where nothing is. A device that has anything on it, or that is a part of another pool, also of
    /// one that is not imported, is never overwritten: that is a failure. Disks are not added to a pool that is there.
    /// Prefer the paths below `/dev/disk/by-id`: `/dev/sdb` may be another disk after the next boot.
    public struct Pool: Property {
        public typealias Target = DebianLike

        public let pool: String
        public let groups: [Devices]
        public let options: [String: String]
        public let properties: [String: String]

        /// - Parameters:
        ///   - pool: the name.
        ///   - groups: the groups of devices over which the data is spread.
        ///   - options: options of the pool, such as `ashift` and `autotrim` (zpoolprops(7)); those that differ later
        ///     are set.
        ///   - properties: properties of its first dataset (zfsprops(7)), for when it is made. Later ones are declared
        ///     by ``Dataset``.
        public init(
            _ pool: String, _ groups: [Devices], options: [String: String] = [:], properties: [String: String] = [:]
        ) {
            self.pool = pool
            self.groups = groups
            self.options = options
            self.properties = properties
        }

        public var name: String { "pool \(pool)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] {
            groups.flatMap(\.devices).map { Claim("the content of \($0)", is: "a part of the \(name)") }
                + options.sorted { $0.key < $1.key }.map { Claim("the option \($0.key) of the \(name)", is: $0.value) }
        }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [ZFS.package])
        }

        public func announce(to machine: Machine) {
            if !options.isEmpty { machine.expect(ZFSState.options(of: pool), of: ZFSState.self) }
            for device in groups.flatMap(\.devices) { machine.expect(device.string, of: BlockDevices.self) }
        }

        /// - Throws: ``Failure`` if the pool must be made and something is on one of the devices.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let state = try await machine.fact(ZFSState.self)
            guard state.has(pool) else {
                for device in groups.flatMap(\.devices) { try await refuseUsed(device, on: machine) }
                return .unmet("create on \(groups.map(\.words).joined(separator: ", "))")
            }
            return .unmet(unlessEmpty: try changes(state).map(\.words))
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let state = try await machine.fact(ZFSState.self)
            guard state.has(pool) else {
                for device in groups.flatMap(\.devices) {
                    try await refuseUsed(device, on: machine)
                    try await machine.refuseContent(of: device)
                }
                let arguments = ZFS.arguments("-o", options) + ZFS.arguments("-O", properties) + [pool]
                // Without --force, so that zpool refuses too.
                let devices = groups.sorted { $0.rank < $1.rank }.flatMap(\.arguments)
                try await machine.succeed(Invocation("zpool", ["create"] + arguments + devices))
                return
            }
            for (key, _) in try changes(state) {
                try await machine.succeed(Invocation("zpool", ["set", "\(key)=\(options[key] ?? "")", pool]))
            }
        }

        private func changes(_ state: ZFSState) throws -> [(key: String, words: String)] {
            let changes = state.differences(of: ZFSState.options(of: pool), from: options)
            guard let first = changes.first(where: { $0.key == "ashift" }) else { return changes }
            throw Failure(
                "the \(name) was made with another option: \(first.words)",
                advice: "ashift counts when it is made. Declare what it has.")
        }

        private func refuseUsed(_ device: FilePath, on machine: Machine) async throws {
            let found = try await machine.blockDevice(device)
            guard found.content == nil, !found.isInUse else {
                throw Failure(
                    "\(device) is in use, or has \(found.content?.escaped ?? "partitions") on it",
                    advice: "It is not overwritten. A pool that is there already is taken in by `zpool import`.")
            }
        }

        private func validate() throws {
            try ZFS.validate(pool, isPool: true)
            guard !["mirror", "raidz", "draid", "spare", "log", "cache", "special", "dedup"].contains(pool) else {
                throw Failure("no pool can have the name \(pool)", advice: "Choose another one.")
            }
            try ZFS.validate(options, of: name)
            try ZFS.validate(properties, of: name)
            let devices = groups.flatMap(\.devices)
            for device in devices { try validateDevice(device) }
            for group in groups { try group.validate(in: pool) }
            guard groups.contains(where: \.holdsData), Set(devices).count == devices.count else {
                throw Failure("the \(name) has no device for data, or one twice", advice: "Give each once.")
            }
        }
    }
}

extension ZFS.Pool {
    /// A group of devices of a pool (zpoolconcepts(7), “Virtual Devices”).
    public enum Devices: Sendable, Hashable {
        /// Devices without a copy of their data: if one fails, the pool is lost.
        case stripe([FilePath])
        /// Devices that each hold the same data.
        case mirror([FilePath])
        /// Devices of which as many may fail as the parity says: 1, 2 or 3.
        case raidz([FilePath], parity: Int = 1)
        /// Devices that take the place of one that fails.
        case spare([FilePath])
        /// Devices for what is written synchronously; several are a mirror.
        case log([FilePath])
        /// Devices that hold copies of what is read often.
        case cache([FilePath])

        /// Devices that each hold the same data.
        public static func mirror(_ devices: FilePath...) -> Devices { .mirror(devices) }

        var devices: [FilePath] {
            switch self {
            case .stripe(let devices), .mirror(let devices), .raidz(let devices, _), .spare(let devices),
                .log(let devices), .cache(let devices):
                devices
            }
        }

        var holdsData: Bool {
            switch self {
            case .stripe, .mirror, .raidz: true
            case .spare, .log, .cache: false
            }
        }

        /// The place in an argument list of zpool, where a word such as `mirror` is for all that follows it.
        var rank: Int {
            switch self {
            case .stripe: 0
            case .mirror, .raidz: 1
            case .log: 2
            case .cache: 3
            case .spare: 4
            }
        }

        /// The words before the devices in an argument list of zpool.
        private var kind: [String] {
            switch self {
            case .stripe: []
            case .mirror: ["mirror"]
            case .raidz(_, let parity): ["raidz\(parity)"]
            case .spare: ["spare"]
            case .log(let devices): devices.count > 1 ? ["log", "mirror"] : ["log"]
            case .cache: ["cache"]
            }
        }

        var arguments: [String] { kind + devices.map(\.string) }
        var words: String { arguments.joined(separator: " ") }

        func validate(in pool: String) throws {
            let least =
                switch self {
                case .stripe, .spare, .log, .cache: 1
                case .mirror: 2
                case .raidz(_, let parity): parity + 1
                }
            if case .raidz(_, let parity) = self, !(1...3).contains(parity) {
                throw Failure("the pool \(pool) has a parity of \(parity)", advice: "Use 1, 2 or 3.")
            }
            guard devices.count >= least else {
                throw Failure(
                    "the pool \(pool) has \(devices.count) devices in a group that needs \(least)",
                    advice: "Give more devices, or another group.")
            }
        }
    }
}
