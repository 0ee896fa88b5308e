/// Volume groups and logical volumes (lvm(8)).
///
///     LVM.VolumeGroup("data", on: ["/dev/disk/by-id/virtio-1", "/dev/disk/by-id/virtio-2"])
///     LVM.LogicalVolume("srv", in: "data", size: "20 GiB")
///     Formatted("/dev/data/srv", .ext4)
///
/// They are made and enlarged, and never made smaller or removed: what a declaration no longer names stays. Devices on
/// which something is are never overwritten.
public enum LVM {
    static let package = Apt.Installed("lvm2")

    /// A group of disks or partitions, whose space volumes share.
    public struct VolumeGroup: Property {
        public typealias Target = DebianLike

        public let id: String
        public let devices: [FilePath]

        /// - Parameters:
        ///   - id: the name.
        ///   - devices: its devices. Others that it has stay.
        public init(_ id: String, on devices: [FilePath]) {
            self.id = id
            self.devices = devices
        }

        public var name: String { "volume group \(id)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] { devices.map { Claim("the content of \($0)", is: "a part of \(name)") } }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [LVM.package])
        }

        public func announce(to machine: Machine) {
            for device in devices { machine.expect(device.string, of: BlockDevices.self) }
        }

        /// - Throws: ``Failure`` if something else is on one of the devices.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let missing = try await missing(on: machine)
            guard !missing.isEmpty else { return .satisfied }
            let isThere = try await machine.fact(LVMState.self).hasGroup(id)
            return .unmet((isThere ? "add " : "create on ") + missing.map(\.string).joined(separator: ", "))
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let state = try await machine.fact(LVMState.self), missing = try await missing(on: machine)
            for device in missing where try await state.group(of: machine.blockDevice(device).path) == nil {
                try await machine.refuseContent(of: device)
            }
            let verb = state.hasGroup(id) ? "vgextend" : "vgcreate"
            try await machine.succeed(Invocation(verb, ["--", id] + missing.map(\.string)))
        }

        /// The devices that are not in the group yet.
        private func missing(on machine: Machine) async throws -> [FilePath] {
            let state = try await machine.fact(LVMState.self)
            var missing: [FilePath] = []
            for device in devices {
                let found = try await machine.blockDevice(device), group = state.group(of: found.path)
                if group == id { continue }
                // One that is prepared for LVM, and in no group yet.
                guard group == "" || group == nil && found.content == nil && !found.isInUse else {
                    throw Failure(
                        group.map { "\(device) is in the volume group \($0.escaped)" }
                            ?? "\(device) is in use, or has \(found.content?.escaped ?? "partitions") on it",
                        advice: "It is not overwritten. Declare another device.")
                }
                missing.append(device)
            }
            return missing
        }

        private func validate() throws {
            try LVM.validate(id)
            for device in devices { try validateDevice(device) }
            guard !devices.isEmpty, Set(devices).count == devices.count else {
                throw Failure("the volume group \(id) has no device, or one twice", advice: "Give each once.")
            }
        }
    }

    /// A volume in a group: `/dev/GROUP/NAME`.
    public struct LogicalVolume: Property {
        public typealias Target = DebianLike

        public let id: String
        public let group: String
        public let size: ByteSize?

        /// - Parameters:
        ///   - id: the name.
        ///   - group: the volume group, which must exist or be declared before.
        ///   - size: the size that it has at least, since LVM rounds up to whole extents of the group, of 4 MiB by
        ///     default. A smaller one is enlarged with its file system; nil for all that is free when it is made.
        public init(_ id: String, in group: String, size: ByteSize?) {
            self.id = id
            self.group = group
            self.size = size
        }

        public var name: String { "logical volume \(group)/\(id)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] { [Claim(name, is: size.map { "\($0)" } ?? "all that is free")] }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [LVM.package])
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let state = try await machine.fact(LVMState.self)
            guard state.hasGroup(group) else { throw Undetermined(until: "there is a volume group \(group)") }
            guard let present = state.size(of: id, in: group) else {
                return .unmet("create with \(size.map { "\($0)" } ?? "all that is free")")
            }
            guard let size, present < size.bytes else { return .satisfied }
            return .unmet("enlarge \(ByteSize(bytes: present)) → \(size)")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let state = try await machine.fact(LVMState.self)
            if let size, state.size(of: id, in: group) != nil {
                try await machine.succeed(
                    Invocation(
                        "lvextend", ["--resizefs", "--size", Self.sectors(size), "--", "\(group)/\(id)"],
                        timeout: .hours(1)))
                return
            }
            let space = size.map { ["--size", Self.sectors($0)] } ?? ["--extents", "100%FREE"]
            // What a volume that was removed has left in the free space is no file system of this one.
            let wipe = ["--yes", "--wipesignatures", "y"]
            try await machine.succeed(Invocation("lvcreate", wipe + ["--name", id] + space + ["--", group]))
        }

        /// The size in whole sectors, the next larger one: LVM refuses any other number of bytes.
        private static func sectors(_ size: ByteSize) -> String {
            "\(size.bytes / 512 + (size.bytes % 512 == 0 ? 0 : 1))s"
        }

        private func validate() throws {
            try LVM.validate(id)
            try LVM.validate(group)
            if let problem = size?.problem { throw Failure("\(name): \(problem)") }
            guard size.map({ 1 << 20...1 << 60 ~= $0.bytes }) != false else {
                throw Failure("the \(name) has \(size?.bytes ?? 0) bytes", advice: "Give 1 MiB to 1 EiB.")
            }
        }
    }

    /// - Throws: ``Failure`` if it is no name (lvm(8), “valid names”).
    static func validate(_ name: String) throws {
        guard let first = name.utf8.first, first != UInt8(ascii: "-"), name.utf8.count <= 127,
            ![".", ".."].contains(name),
            name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "+_.-".utf8.contains($0) })
        else {
            throw Failure(
                "invalid name of a volume or a group “\(name.escaped)”",
                advice: "Use letters, digits, +, _, . and -, and do not begin with -.")
        }
    }
}
