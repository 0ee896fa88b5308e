/// The private key of a tunnel, which is made once.
struct WireGuardKey: Property {
    typealias Target = DebianLike

    let interface: String

    var name: String { "private key" }
    var claims: [Claim] { [.path(Self.path(interface), is: "a key of wireguard", summary: "a private key")] }
    var problems: [String] { problems { try InterfaceName.validate(interface) } }

    static func path(_ interface: String) -> FilePath { "/etc/wireguard/\(interface).key" }
    private var publicPath: FilePath { FilePath("/etc/wireguard/\(interface).pub") }

    /// - Throws: ``Failure`` if there is a file that is no key: it is not replaced, since its peers may know it.
    func check(on machine: Machine) async throws -> Check {
        try InterfaceName.validate(interface)
        let path = Self.path(interface)
        guard let found = try machine.files.status(of: path) else { return .unmet("make it, in \(path)") }
        var bytes = try machine.files.read(path)
        defer { bytes.wipe() }
        guard Self.isKey(bytes) else {
            throw Failure("\(path) is no private key of wireguard", advice: "Move it away, or restore it.")
        }
        var reasons: [String] = []
        if found.mode & 0o077 != 0 { reasons.append("mode \(octal(found.mode)) → 0600") }
        if found.owner != .root { reasons.append("owner root") }
        if try machine.files.status(of: publicPath) == nil { reasons.append("write the public key, \(publicPath)") }
        return .unmet(unlessEmpty: reasons)
    }

    func apply(on machine: Machine) async throws {
        let path = Self.path(interface)
        if let found = try machine.files.status(of: path) {
            try machine.files.setOwner(.root, mode: 0o600, of: path, expecting: found)
        } else {
            var key = try await machine.run("wg", "genkey").output
            defer { key.wipe() }
            guard Self.isKey(key) else { throw Failure("`wg genkey` has printed no key") }
            try machine.files.replacePrivate(path, with: key)
        }
        var key = try machine.files.read(path)
        defer { key.wipe() }
        let publicKey = try await machine.succeed(Invocation("wg", ["pubkey"], input: key)).text.trimmed
        try machine.files.replace(publicPath, with: Array((publicKey + "\n").utf8), mode: 0o644)
        machine.noteFollowUp("tell the peers of \(interface) its public key: \(publicKey)")
    }

    private static func isKey(_ bytes: [UInt8]) -> Bool {
        WireGuardConfiguration.isKey(String(decoding: bytes, as: UTF8.self).trimmed)
    }
}
