import CSSH
import Foundation
import PlainText
import Subprocess
import SystemPackage

/// The certificate of a host: its key, signed by an authority (PROTOCOL.certkeys of OpenSSH).
struct HostCertificate {
    /// Why a certificate does not prove who the host is.
    struct Invalid: Error, Equatable {
        let reason: String
    }

    /// The key that it certifies.
    let key: PublicKey
    /// The key of the authority, in the encoding of RFC 4253, 6.6.
    let authority: [UInt8]
    private let line: String
    private let isForHosts: Bool
    private let principals: [String]
    private let validity: (from: UInt64, until: UInt64)
    private let hasCriticalOptions: Bool
    private let signatureAlgorithm: String

    /// - Parameter line: the type and the certificate in base64.
    init?(line: String) {
        let words = line.split(separator: " ")
        guard words.count >= 2, let blob = Data(base64Encoded: String(words[1])) else { return nil }
        self.line = "\(words[0]) \(words[1])"
        var fields = Array(blob)[...]
        func text() -> String? { WireEncoding.takeString(&fields).map { String(decoding: $0, as: UTF8.self) } }
        func number() -> UInt64? {
            guard let high = WireEncoding.takeNumber(&fields), let low = WireEncoding.takeNumber(&fields) else {
                return nil
            }
            return UInt64(high) << 32 | UInt64(low)
        }
        guard let type = text(), let count = Self.keyFields[type], WireEncoding.takeString(&fields) != nil else {
            return nil
        }
        var key = WireEncoding.string(Array(type.replacing("-cert-v01@openssh.com", with: "").utf8))
        for _ in 0..<count {
            guard let field = WireEncoding.takeString(&fields) else { return nil }
            key += WireEncoding.string(field)
        }
        guard let publicKey = PublicKey(blob: key), number() != nil, let kind = WireEncoding.takeNumber(&fields),
            text() != nil, let principals = WireEncoding.takeString(&fields), let from = number(),
            let until = number(), let critical = WireEncoding.takeString(&fields), text() != nil, text() != nil,
            let authority = WireEncoding.takeString(&fields), var signature = WireEncoding.takeString(&fields)?[...],
            let algorithm = WireEncoding.takeString(&signature), fields.isEmpty
        else { return nil }
        self.key = publicKey
        self.authority = authority
        isForHosts = kind == 2
        validity = (from, until)
        hasCriticalOptions = !critical.isEmpty
        signatureAlgorithm = String(decoding: algorithm, as: UTF8.self)
        var rest = principals[...]
        var names: [String] = []
        while let name = WireEncoding.takeString(&rest) { names.append(String(decoding: name, as: UTF8.self)) }
        self.principals = names
    }

    /// The number of fields that the key of a certificate has. Security keys are no host keys, and libssh has no DSA.
    private static let keyFields = [
        "ssh-ed25519-cert-v01@openssh.com": 1, "ssh-rsa-cert-v01@openssh.com": 2,
        "ecdsa-sha2-nistp256-cert-v01@openssh.com": 2, "ecdsa-sha2-nistp384-cert-v01@openssh.com": 2,
        "ecdsa-sha2-nistp521-cert-v01@openssh.com": 2,
    ]

    /// Checks everything but the signature, as `sshkey_cert_check_host` of OpenSSH does.
    /// - Parameters:
    ///   - name: the host name or its alias, without a port.
    ///   - algorithms: `CASignatureAlgorithms`, separated by commas.
    ///   - now: seconds since 1970.
    func check(name: String, algorithms: String?, now: UInt64 = UInt64(max(0, time(nil)))) throws(Invalid) {
        guard isForHosts else { throw Invalid(reason: "it is the certificate of a user, not of a host") }
        guard now >= validity.from else { throw Invalid(reason: "it is not valid yet: compare the clocks") }
        guard now < validity.until else { throw Invalid(reason: "it has expired") }
        guard !hasCriticalOptions else { throw Invalid(reason: "it has critical options, of which hosts have none") }
        // Names, not patterns.
        guard principals.isEmpty || principals.contains(name) else {
            throw Invalid(reason: "it is for \(principals.joined(separator: ", ")), not for \(name)")
        }
        if let algorithms, !algorithms.split(separator: ",").contains(Substring(signatureAlgorithm)) {
            throw Invalid(reason: "its signature of \(signatureAlgorithm) is not among CASignatureAlgorithms")
        }
    }

    /// Whether the certificate, or the authority that has signed it, is revoked.
    func isListed(in revoked: RevokedKeys) async throws -> Bool {
        if try await revoked.contains(line) { return true }
        guard let authority = PublicKey(blob: authority), let base64 = authority.base64 else { return false }
        return try await revoked.contains("\(authority.type) \(base64)")
    }

    func revoked(by list: RevokedKeys, _ host: String) -> TransportError {
        .hostKeyRevoked(host: host, fingerprint: key.fingerprint, source: list.file)
    }

    /// Verifies the signature of the authority, by `ssh-keygen`: libssh does not verify certificates.
    func verifySignature() async throws {
        let file = line + "\n"
        let result = try await run(
            .name("ssh-keygen"), arguments: ["-L", "-f", "-"], input: .string(file), output: .discarded,
            error: .string(limit: 4096))
        guard result.terminationStatus.isSuccess else {
            throw Invalid(reason: "its signature is wrong (\(result.standardError.trimmed))")
        }
    }
}

extension HostCertificate {
    private static let mark = "propel-certificate"

    /// Asks the server for its certificate, by `ssh`: libssh does not negotiate certificates of hosts.
    ///
    /// `ssh` is told of no host key, so it gives up before it logs in. What it shows is verified here.
    /// - Returns: nil if the server has none, or is not reached.
    static func request(
        _ destination: Destination, _ configuration: ClientConfiguration
    ) async throws
        -> HostCertificate?
    {
        let algorithms = (configuration["hostkeyalgorithms"] ?? "").split(separator: ",").filter {
            $0.hasSuffix("-cert-v01@openssh.com") && !$0.hasPrefix("sk-") && !$0.hasPrefix("ssh-dss")
        }
        guard let ssh = ClientProgram.ssh, !algorithms.isEmpty else { return nil }
        let options = [
            "HostKeyAlgorithms=\(algorithms.joined(separator: ","))", "StrictHostKeyChecking=yes", "BatchMode=yes",
            "UserKnownHostsFile=/dev/null", "GlobalKnownHostsFile=/dev/null", "RevokedHostKeys=none",
            "KnownHostsCommand=/bin/sh -c \"echo \(mark) %t %K >&2\"", "PreferredAuthentications=none",
            "ControlPath=none", "ControlMaster=no", "ClearAllForwardings=yes", "PermitLocalCommand=no",
            "LogLevel=QUIET", "ConnectTimeout=10",
        ]
        let arguments = options.flatMap { ["-o", $0] } + destination.clientArguments + ["true"]
        let result = try await run(
            .path(ssh), arguments: Arguments(arguments), input: .none, output: .discarded,
            error: .string(limit: 1 << 20))
        try Task.checkCancellation()
        return result.standardError.lines.lazy.compactMap { line -> HostCertificate? in
            let words = line.split(separator: " ")
            guard words.first == Substring(mark), words.count == 3 else { return nil }
            return HostCertificate(line: words.dropFirst().joined(separator: " "))
        }.first
    }
}
