/// A file system on a disk, a partition or a logical volume (mkfs(8)).
///
///     Formatted("/dev/disk/by-id/virtio-data", .ext4, label: "data")
///     Mount("/srv/data", from: "LABEL=data", type: "ext4")
///
/// It is made once, where nothing is. A device that has another file system or a table of partitions, or that is a part
/// of something else, is never overwritten: that is a failure. Its packages are installed too. Prefer the paths below
/// `/dev/disk/by-id`: `/dev/sdb` may be another disk after the next boot.
public struct Formatted: Property {
    public typealias Target = DebianLike

    /// The type of a file system.
    public enum Kind: String, Sendable, Hashable {
        case ext4, xfs, btrfs, vfat

        fileprivate var package: String {
            switch self {
            case .ext4: "e2fsprogs"
            case .xfs: "xfsprogs"
            case .btrfs: "btrfs-progs"
            case .vfat: "dosfstools"
            }
        }

        /// The longest label in bytes.
        fileprivate var labelLimit: Int {
            switch self {
            case .ext4: 16
            case .xfs: 12
            case .btrfs: 255
            case .vfat: 11
            }
        }
    }

    public let device: FilePath
    public let kind: Kind
    public let label: String?

    /// - Parameters:
    ///   - device: the device, which must exist or be declared before.
    ///   - kind: the type of the file system.
    ///   - label: its label: letters, digits, `-`, `_` and `.`, 16 for ext4, 12 for xfs, 11 in uppercase for vfat; none
    ///     by default. It counts when the file system is made: another one there is a failure.
    public init(_ device: FilePath, _ kind: Kind, label: String? = nil) {
        self.device = device
        self.kind = kind
        self.label = label
    }

    public var name: String { "\(kind.rawValue) on \(device)" }
    public var problems: [String] { problems(in: validate) }
    public var claims: [Claim] {
        [Claim("the content of \(device)", is: kind.rawValue + (label.map { " “\($0)”" } ?? ""))]
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed(kind.package)])
    }

    public func announce(to machine: Machine) { machine.expect(device.string, of: BlockDevices.self) }

    /// - Throws: ``Failure`` if something else is on the device.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let found = try await machine.blockDevice(device)
        guard let content = found.content else {
            guard !found.isInUse else { throw refusal("is in use") }
            return .unmet("make \(kind.rawValue) on \(ByteSize(bytes: found.size)) where nothing is")
        }
        guard content == kind.rawValue else { throw refusal("has \(content.escaped) on it") }
        guard let label, found.label != label else { return .satisfied }
        throw Failure(
            "\(device) has the label “\(found.label?.escaped ?? "")”, and \(label) is declared",
            advice: "Change it by hand, or declare the present one.")
    }

    private func refusal(_ words: String) -> Failure {
        Failure(
            "\(device) \(words), and \(kind.rawValue) is declared there",
            advice: "It is not overwritten. If nobody needs it: `wipefs --all \(device)`.")
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        // mkfs asks nobody without a terminal.
        try await machine.refuseContent(of: device)
        let labels = label.map { [kind == .vfat ? "-n" : "-L", $0] } ?? []
        let words = (kind == .vfat ? [] : ["-q"]) + labels + ["--", device.string]
        machine.showProgress("making \(kind.rawValue) on \(device)")
        try await machine.succeed(Invocation("mkfs.\(kind.rawValue)", words, timeout: .hours(1)))
        // udev looks at it again. A container has no udev.
        _ = try await machine.run(Invocation("udevadm", ["settle", "--timeout=30"]))
    }

    private func validate() throws {
        try validateDevice(device)
        guard let label else { return }
        let isLabel =
            1...kind.labelLimit ~= label.utf8.count && label.utf8.first?.isASCIILetterOrDigit == true
            && label.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }
        guard isLabel, kind != .vfat || label == label.uppercased() else {
            throw Failure(
                "invalid label “\(label.escaped)” of \(kind.rawValue) on \(device)",
                advice: "Use at most \(kind.labelLimit) letters, digits, -, _ and ., in uppercase for vfat.")
        }
    }
}
