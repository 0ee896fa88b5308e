extension ZFS {
    /// A file system or a volume in a pool, with its properties.
    ///
    ///     ZFS.Dataset("tank/media", properties: ["mountpoint": "/srv/media", "recordsize": "1M"])
    ///     ZFS.Dataset("tank/vm/disk", volume: "20 GiB")
    ///     ZFS.Dataset("tank", properties: ["compression": "zstd", "atime": "off"])
    ///
    /// Properties that are not declared stay as they are. A volume is enlarged, and never made smaller.
    public struct Dataset: Property {
        public typealias Target = DebianLike

        public let dataset: String
        public let properties: [String: String]
        /// The size of a volume; nil for a file system.
        public let volume: ByteSize?
        public let parents: Bool

        /// - Parameters:
        ///   - dataset: the name with those of the pool and of the datasets above it: `tank/media`.
        ///   - properties: the values by the names of the properties, as `zfs get` prints them (zfsprops(7)).
        ///   - volume: the size of a block device, `/dev/zvol/NAME`; a file system by default.
        ///   - parents: whether missing datasets above it are made too; no by default.
        public init(
            _ dataset: String, properties: [String: String] = [:], volume: ByteSize? = nil, parents: Bool = false
        ) {
            self.dataset = dataset
            self.properties = properties
            self.volume = volume
            self.parents = parents
        }

        public var name: String { "dataset \(dataset)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] {
            [Claim("the kind of the \(name)", is: volume == nil ? "a file system" : "a volume")]
                + wanted.sorted { $0.key < $1.key }.map { Claim("the property \($0.key) of the \(name)", is: $0.value) }
        }

        /// The declared properties, with the size of a volume.
        private var wanted: [String: String] {
            guard let volume else { return properties }
            return properties.merging(["volsize": "\(volume.bytes)"]) { $1 }
        }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [ZFS.package])
        }

        public func announce(to machine: Machine) { machine.expect(dataset, of: ZFSState.self) }

        /// - Throws: ``Undetermined`` if the pool, or the dataset above it, does not exist yet; ``Failure`` if a
        ///   property differs that counts when the dataset is made, or a volume would become smaller.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let state = try await machine.fact(ZFSState.self)
            guard state.has(dataset) else {
                try requireParents(state)
                let words = wanted.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                return .unmet("create" + (words.isEmpty ? "" : " with ") + words.joined(separator: ", "))
            }
            let changes = state.differences(of: dataset, from: wanted)
            for (key, words) in changes where Self.madeOnce.contains(key) {
                throw Failure(
                    "the \(name) has other properties than are declared: \(words)",
                    advice: "\(key) counts when it is made. Declare what it has, or another dataset.")
            }
            if let volume { try refuseShrinking(state, to: volume) }
            return .unmet(unlessEmpty: changes.map(\.words))
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let state = try await machine.fact(ZFSState.self)
            guard state.has(dataset) else {
                let size = volume.map { ["-V", "\($0.bytes)"] } ?? []
                try await machine.succeed(
                    Invocation(
                        "zfs",
                        ["create"] + (parents ? ["-p"] : []) + ZFS.arguments("-o", properties) + size + [dataset]))
                return
            }
            if let volume { try refuseShrinking(state, to: volume) }
            let changes = state.differences(of: dataset, from: wanted)
            guard !changes.isEmpty else { return }
            try await machine.succeed(
                Invocation("zfs", ["set"] + changes.map { "\($0.key)=\(wanted[$0.key] ?? "")" } + [dataset]))
        }

        /// The properties that count when a dataset is made (zfsprops(7)).
        private static let madeOnce: Set<String> = [
            "casesensitivity", "encryption", "keyformat", "normalization", "utf8only", "volblocksize",
        ]

        private func requireParents(_ state: ZFSState) throws {
            let parts = dataset.split(separator: "/").map(String.init)
            for count in 1..<max(parts.count, 2) {
                let above = parts.prefix(count).joined(separator: "/")
                guard !state.has(above) else { continue }
                if count == 1 { throw Undetermined(until: "there is a pool \(above)") }
                if !parents { throw Undetermined(until: "there is a dataset \(above)") }
            }
        }

        private func refuseShrinking(_ state: ZFSState, to size: ByteSize) throws {
            guard let text = state.value(of: "volsize", of: dataset), let present = Int(text) else {
                throw Failure(
                    "\(dataset) is a file system, and a volume is declared", advice: "Declare another dataset.")
            }
            guard present > size.bytes else { return }
            throw Failure(
                "the volume \(dataset) has \(ByteSize(bytes: present)), and \(size) are declared",
                advice: "It is not made smaller, since what is at its end would be lost. Declare its size.")
        }

        private func validate() throws {
            try ZFS.validate(dataset, isPool: false)
            try ZFS.validate(properties, of: name)
            guard properties["volsize"] == nil else {
                throw Failure("the \(name) has a property volsize", advice: "Give its size: volume: \"20 GiB\".")
            }
            if let problem = volume?.problem { throw Failure("\(name): \(problem)") }
            // Volumes have whole blocks, of at most 128 KiB.
            guard volume.map({ $0.bytes > 0 && $0.bytes % (128 << 10) == 0 }) != false else {
                throw Failure(
                    "the \(name) has \(volume?.bytes ?? 0) bytes", advice: "Give a multiple of 128 KiB: \"20 GiB\".")
            }
        }
    }
}
