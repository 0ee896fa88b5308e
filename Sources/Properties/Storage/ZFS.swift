/// Datasets of ZFS (zfs(8)).
///
///     ZFS.Dataset("tank/media", ["mountpoint": "/srv/media", "compression": "zstd", "quota": "2T"])
///     ZFS.Dataset("tank/vm/web1", ["volsize": "20G", "volblocksize": "16K"])
///
/// The package zfsutils-linux is installed first, which Debian has in `contrib`. A pool is made by hand: which disks it
/// is on, and how, stays for good.
public enum ZFS {
    /// A file system, or with `volsize` a volume, in a pool, with these properties (zfsprops(7)).
    ///
    ///     ZFS.Dataset("tank/comp/home", ["mountpoint": "/home", "recordsize": "1M", "com.sun:auto-snapshot": "true"])
    ///
    /// Missing datasets above it are made too. Other properties stay as they are. Sizes are whole numbers: `1M` is
    /// `1048576`. A volume is enlarged, and never made smaller, and what counts only when a dataset is made, such as
    /// `encryption`, is refused by zfs for one that is there. Nothing is removed. One question answers for all
    /// datasets.
    public struct Dataset: Property {
        public typealias Target = DebianLike

        public let id: String
        public let properties: [String: String]

        /// - Parameters:
        ///   - id: the name with its pool: `tank/media`; or that of a pool, for the dataset at its root.
        ///   - properties: the values by the names of the properties, also of those of users, such as
        ///     `com.sun:auto-snapshot`; none by default.
        public init(_ id: String, _ properties: [String: String] = [:]) {
            self.id = id
            self.properties = properties
        }

        public var name: String { "ZFS dataset \(id)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] {
            [Claim(name, is: "present")]
                + sorted.map { Claim("\($0.key) of the ZFS dataset \(id)", is: ZFS.plain($0.value)) }
        }

        private var sorted: [(key: String, value: String)] { properties.sorted { $0.key < $1.key } }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Apt.Installed("zfsutils-linux")])
        }

        public func announce(to machine: Machine) { machine.expect(id, of: Datasets.self) }

        /// - Throws: ``Undetermined`` if zfs is not installed yet, ``Failure`` if a volume would be made smaller.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let found = try await machine.fact(Datasets.self)
            guard found["type", of: id] != nil else {
                let options = sorted.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
                return .unmet(options.isEmpty ? "create" : "create with \(options)")
            }
            try refuseSmaller(found)
            return .unmet(
                unlessEmpty: changes(of: found).map {
                    "\($0.key) \(found[$0.key, of: id] ?? "unset") → \($0.value)"
                })
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let found = try await machine.fact(Datasets.self)
            guard found["type", of: id] != nil else {
                let size = properties["volsize"].map { ["-V", $0] } ?? []
                let options = sorted.filter { $0.key != "volsize" }.flatMap { ["-o", "\($0.key)=\($0.value)"] }
                try await machine.succeed(Invocation("zfs", ["create", "-p"] + size + options + [id]))
                return
            }
            try refuseSmaller(found)
            let changes = changes(of: found).map { "\($0.key)=\($0.value)" }
            guard !changes.isEmpty else { return }
            try await machine.succeed(Invocation("zfs", ["set"] + changes + [id]))
        }

        private func changes(of found: Datasets) -> [(key: String, value: String)] {
            sorted.filter { key, value in
                let present = ZFS.plain(found[key, of: id] ?? ""), wanted = ZFS.plain(value)
                guard key == "volsize", let size = UInt64(wanted), let bytes = UInt64(present) else {
                    return present != wanted
                }
                return bytes < size
            }
        }

        private func refuseSmaller(_ found: Datasets) throws {
            guard let wanted = properties["volsize"] else { return }
            guard let present = found["volsize", of: id].flatMap({ UInt64(ZFS.plain($0)) }) else {
                throw Failure(
                    "\(id) is a file system, and a volume is declared", advice: "Choose another name, or rename it.")
            }
            // zfs makes whole blocks of it.
            guard let size = UInt64(ZFS.plain(wanted)), size + 1 << 20 > present else {
                throw Failure(
                    "the volume \(id) has \(present) bytes, and \(wanted) are declared",
                    advice: "It is not made smaller, since that would cut off what is at its end.")
            }
        }

        private func validate() throws {
            let parts = id.split(separator: "/", omittingEmptySubsequences: false)
            guard id.utf8.count < 256,
                parts.allSatisfy({ part in
                    part.utf8.first.map(\.isASCIILetterOrDigit) == true
                        && part.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.: ".utf8.contains($0) }
                })
            else {
                throw Failure("invalid name of a ZFS dataset “\(id.escaped)”", advice: "Write one such as tank/media.")
            }
            for (key, value) in sorted {
                guard key.utf8.first.map(\.isASCIILetterOrDigit) == true,
                    key.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_.:@".utf8.contains($0) })
                else { throw Failure("invalid name of a property of \(id): “\(key.escaped)”") }
                guard !value.isEmpty, !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
                    throw Failure(
                        "invalid value “\(value.escaped)” of \(key) of \(id)",
                        advice: "Write it as `zfs set` takes it, and none or off for nothing.")
                }
            }
            if let size = properties["volsize"], UInt64(ZFS.plain(size)) == nil {
                throw Failure("invalid size “\(size.escaped)” of the volume \(id)", advice: "Write one such as 20G.")
            }
        }
    }

    /// A value as `zfs get -p` prints it: sizes in bytes, and former words by those of now.
    static func plain(_ value: String) -> String {
        switch value {
        case "none": return "0"
        case "posixacl": return "posix"
        case "noacl": return "off"
        default: break
        }
        let units = Array("KMGTP".utf8)
        guard let last = value.utf8.last, let unit = units.firstIndex(of: last),
            let number = UInt64(value.dropLast())
        else { return value }
        let bytes = number.multipliedReportingOverflow(by: 1 << (10 * UInt64(unit + 1)))
        return bytes.overflow ? value : "\(bytes.partialValue)"
    }

    /// The properties of the datasets that are declared.
    struct Datasets: MachineFact {
        /// By the name of the dataset and that of the property, with a tab between them.
        private var values: [String: String] = [:]

        static func read(from machine: Machine) async throws -> Datasets {
            var found = Datasets()
            let names = machine.expected(of: Datasets.self)
            guard !names.isEmpty else { return found }
            let question = Invocation("zfs", ["get", "-Hp", "-o", "name,property,value", "all"] + names)
            let result = try await machine.run(question)
            guard result.ending != .notFound else { throw Undetermined(until: "zfs is installed") }
            // It answers for the others if one is missing.
            let complaints = String(decoding: result.errors, as: UTF8.self).nonEmptyLines
            guard result.succeeded || complaints.allSatisfy({ $0.hasSuffix("dataset does not exist") }) else {
                throw CommandFailure(command: question, result: result)
            }
            for line in result.text.nonEmptyLines {
                let fields = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
                if fields.count == 3 { found.values["\(fields[0])\t\(fields[1])"] = String(fields[2]) }
            }
            return found
        }

        subscript(property: String, of id: String) -> String? { values["\(id)\t\(property)"] }
    }
}
