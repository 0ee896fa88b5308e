/// Pools and datasets of ZFS (zfs(8), zpool(8)).
///
///     ZFS.Pool("tank", [.mirror("/dev/disk/by-id/ata-1", "/dev/disk/by-id/ata-2")], options: ["ashift": "12"])
///     ZFS.Dataset("tank/media", properties: ["compression": "lz4", "mountpoint": "/srv/media"])
///
/// They are made where nothing is, and never destroyed: what a declaration no longer names stays. Devices on which
/// something is are never overwritten. On Debian the package zfsutils-linux is in `contrib`, and zfs-dkms, which brings
/// the kernel module, needs the headers of the kernel.
public enum ZFS {
    static let package = Apt.Installed("zfsutils-linux")

    /// - Throws: ``Failure`` if it is no name of a pool or a dataset (zfs(8), “ZFS File System Hierarchy”).
    static func validate(_ name: String, isPool: Bool) throws {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            part.utf8.first.map { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") } == true
                && part.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_-.: ".utf8.contains($0) }
        }
        guard isName, isPool ? parts.count == 1 : true, name.utf8.count < 256, parts[0].utf8.first.isLetter else {
            throw Failure(
                "invalid name of a \(isPool ? "pool" : "dataset") “\(name.escaped)”",
                advice: isPool
                    ? "Begin with a letter, and use letters, digits, “-”, “_”, “.” and “:”."
                    : "Write it as `zfs list` does: tank/media.")
        }
    }

    /// - Throws: ``Failure`` if it is no property with a value.
    static func validate(_ properties: [String: String], of name: String) throws {
        for (key, value) in properties.sorted(by: { $0.key < $1.key }) {
            guard let first = key.utf8.first, first.isASCIILetterOrDigit,
                key.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ":._-@".utf8.contains($0) }), !value.isEmpty,
                !value.utf8.contains(where: { $0 < 0x20 })
            else {
                throw Failure(
                    "invalid property “\(key.escaped)” = “\(value.escaped)” of \(name)",
                    advice: "Write it as `zfs get` does: \"compression\": \"lz4\".")
            }
        }
    }

    /// `-o compression=lz4 -o …`, in the order of the names.
    static func arguments(_ option: String, _ properties: [String: String]) -> [String] {
        properties.sorted { $0.key < $1.key }.flatMap { [option, "\($0.key)=\($0.value)"] }
    }

    /// Whether two values of a property mean the same: `1M` is 1048576, and `none` is no limit.
    static func isSame(_ present: String, _ declared: String) -> Bool {
        func amount(_ text: String) -> Int? {
            if text == "none" { return 0 }
            let digits = text.prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty, let number = Int(digits) else { return nil }
            let unit = text.dropFirst(digits.count).uppercased()
            let powers = ["": 0, "B": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5]
            guard let power = powers[unit.count > 1 && unit.hasSuffix("B") ? String(unit.dropLast()) : unit] else {
                return nil
            }
            let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: 1 << (10 * power))
            return isTooLarge ? nil : bytes
        }
        if present == declared { return true }
        guard let one = amount(present), let other = amount(declared) else { return false }
        return one == other
    }
}

extension UInt8? {
    fileprivate var isLetter: Bool { map { $0.isASCIILetterOrDigit && !$0.isASCIIDigit } ?? false }
}

/// The pools and datasets of the machine. Two questions answer for all that are declared, and a third for the options
/// of pools.
struct ZFSState: MachineFact {
    private var names: Set<String> = []
    /// The values of all properties by the names of datasets; for pools, those of `zpool get`, by “pool NAME”.
    private var values: [String: [String: String]] = [:]

    /// The name by which the options of a pool are announced.
    static func options(of pool: String) -> String { "pool \(pool)" }

    /// - Throws: ``Undetermined`` if the programs are not installed.
    static func read(from machine: Machine) async throws -> ZFSState {
        guard try ["/usr/sbin/zfs", "/sbin/zfs"].contains(where: { try machine.files.status(of: FilePath($0)) != nil })
        else { throw Undetermined(until: "zfsutils-linux is installed") }
        var state = ZFSState()
        let list = Invocation("zfs", ["list", "-H", "-t", "filesystem,volume", "-o", "name"])
        state.names = Set(try await machine.succeed(list).text.nonEmptyLines.map(String.init))
        let announced = machine.expected(of: ZFSState.self), datasets = announced.filter(state.names.contains)
        if !datasets.isEmpty {
            let columns = ["get", "-H", "-p", "-o", "name,property,value", "all"]
            try await state.read(Invocation("zfs", columns + datasets), on: machine) { $0 }
        }
        let pools = state.names.filter { announced.contains(options(of: $0)) }.sorted()
        if !pools.isEmpty {
            let columns = ["get", "-H", "-p", "-o", "name,property,value", "all"]
            try await state.read(Invocation("zpool", columns + pools), on: machine, options)
        }
        return state
    }

    private mutating func read(
        _ command: Invocation, on machine: Machine, _ key: (String) -> String
    ) async throws {
        for line in try await machine.succeed(command).text.nonEmptyLines {
            let fields = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 3 else { continue }
            values[key(fields[0]), default: [:]][fields[1]] = fields[2]
        }
    }

    func has(_ name: String) -> Bool { names.contains(name) }

    func value(of property: String, of name: String) -> String? { values[name]?[property] }

    /// The declared properties that have other values, as “compression off → lz4”.
    func differences(of name: String, from declared: [String: String]) -> [(key: String, words: String)] {
        declared.sorted { $0.key < $1.key }.compactMap { key, wanted in
            let present = value(of: key, of: name) ?? "-"
            return ZFS.isSame(present, wanted) ? nil : (key, "\(key) \(present) → \(wanted)")
        }
    }
}
