extension Docker {
    /// The publisher of the packages of an engine.
    public enum PackageSource: Sendable, Hashable {
        /// Debian or Ubuntu, unless the machine has an engine already.
        case distribution
        /// Docker, from `download.docker.com`: docker-ce with its command, compose and buildx.
        case docker
    }

    /// Docker's repository of packages, with its key.
    static var repository: PropertyGroup<DebianLike> {
        PropertyGroup("repository", for: DebianLike.self) {
            let key = DockerKey()
            key
            WhenOS(Debian.self) { repository("debian").requires(key) }
            WhenOS(Ubuntu.self) { repository("ubuntu").requires(key) }
        }
    }

    /// The file of Docker's repository.
    static var repositoryFile: FilePath { repository("debian").file.path }

    private static func repository(_ system: String) -> Apt.Repository {
        Apt.Repository(
            "docker", uri: "https://download.docker.com/linux/\(system)", suites: ["\(Fact.codename)"],
            components: ["stable"], key: DockerKey.path.string)
    }
}

/// The public key that Docker signs its packages with, in `/etc/apt/keyrings/docker.asc`.
///
/// It is fetched from Docker, and put in place only if it has the fingerprint that Docker publishes
/// (<https://docs.docker.com/engine/install/debian/>): an attacker in between can replace the file, not the key.
struct DockerKey: Property {
    typealias Target = DebianLike

    static let path: FilePath = "/etc/apt/keyrings/docker.asc"
    static let url = "https://download.docker.com/linux/debian/gpg"
    static let fingerprint = "9dc858229fc7dd38854ae2d88d81803c0ebfcd88"

    var name: String { "key of docker's packages" }
    var claims: [Claim] { [.path(Self.path, is: Self.fingerprint, summary: "the key of docker's packages")] }

    func check(on machine: Machine) async throws -> Check {
        guard let status = try machine.files.status(of: Self.path), status.kind == .file else {
            return .unmet("fetch it")
        }
        let found = try await OpenPGPKey.fingerprint(of: try machine.files.read(Self.path), on: machine)
        guard found == Self.fingerprint else { return .unmet("fetch it: another key is there") }
        return status.owner == .root && status.mode == 0o644 ? .satisfied : .unmet("mode 0644, owner root")
    }

    func apply(on machine: Machine) async throws {
        try await machine.withDownloads(["docker-key"]) { paths in
            try await machine.download(
                Self.url, to: paths[0], hash: nil, advice: "Check whether the machine can reach download.docker.com.")
            let key = try machine.files.read(paths[0])
            let found = try await OpenPGPKey.fingerprint(of: key, on: machine)
            guard found == Self.fingerprint else {
                throw Failure(
                    "\(Self.url) has \(found.map { "the key \($0)" } ?? "no single key") instead of "
                        + Self.fingerprint,
                    advice: "Nothing was installed. If Docker has changed its key, a newer version of Propel knows it.")
            }
            try machine.files.createDirectories(Self.path.removingLastComponent(), mode: 0o755)
            try machine.files.replace(Self.path, with: key, mode: 0o644)
        }
    }
}

/// A public key of OpenPGP.
enum OpenPGPKey {
    /// The fingerprint of the only primary key in an armoured file (RFC 4880, 12.2), 40 digits in lowercase; nil if
    /// there is not exactly one, of version 4.
    static func fingerprint(of armoured: [UInt8], on machine: Machine) async throws -> String? {
        guard let packets = Download.Checksums.keyring(String(decoding: armoured, as: UTF8.self)),
            let keys = primaryKeys(packets), keys.count == 1, let key = keys.first, key.first == 4,
            key.count <= 0xFFFF
        else { return nil }
        let hashed = [0x99, UInt8(key.count >> 8), UInt8(key.count & 0xFF)] + key
        let sum = try await machine.succeed(Invocation("sha1sum", ["--binary"], input: hashed))
        return String(sum.text.prefix { $0 != " " })
    }

    /// The bodies of the packets of primary keys (tag 6); nil if the packets cannot be read.
    static func primaryKeys(_ bytes: [UInt8]) -> [[UInt8]]? {
        var rest = bytes[...], keys: [[UInt8]] = []
        while let first = rest.popFirst() {
            guard first & 0x80 != 0, let (tag, length) = header(first, &rest), length <= rest.count else { return nil }
            let body = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
            if tag == 6 { keys.append(body) }
        }
        return keys
    }

    /// The tag and the length of a packet; nil for a length that is not known before its end.
    private static func header(_ first: UInt8, _ rest: inout ArraySlice<UInt8>) -> (tag: UInt8, length: Int)? {
        func number(_ count: Int) -> Int? {
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
        }
        guard first & 0x40 != 0 else {
            let type = Int(first & 3)
            return type == 3 ? nil : number(1 << type).map { (first >> 2 & 0xF, $0) }
        }
        let tag = first & 0x3F
        guard let length = number(1) else { return nil }
        switch length {
        case ..<192: return (tag, length)
        case ..<224: return number(1).map { (tag, (length - 192) << 8 + $0 + 192) }
        case 255: return number(4).map { (tag, $0) }
        default: return nil
        }
    }
}
