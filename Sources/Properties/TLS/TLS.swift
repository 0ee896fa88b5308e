/// Keys and certificates on the machine: made there, signed by a private authority, or issued by a public one.
///
///     TLS.ACME("mail", names: ["mail.example.com"], email: "anna@example.com", challenge: .standalone,
///              reloads: ["postfix"])
///
/// A site of nginx has its certificate by itself; see ``Nginx/TLS``.
public enum TLS {
    /// The directory of certificates and keys that Propel makes: `NAME.crt` and `NAME.key`.
    static let directory: FilePath = "/etc/ssl/propel"

    static func certificate(_ name: String) -> FilePath { directory.appending("\(name).crt") }
    static func key(_ name: String) -> FilePath { directory.appending("\(name).key") }

    /// - Throws: ``Failure`` if it is no name for files.
    static func validate(name: String) throws {
        guard let first = name.utf8.first, first.isASCIILetterOrDigit, name.utf8.count <= 100,
            name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) })
        else {
            throw Failure(
                "invalid name of a certificate “\(name.escaped)”",
                advice: "Begin with a letter or a digit, then use letters, digits, -, _ and .")
        }
    }

    /// - Throws: ``Failure`` if they are no host names or addresses.
    static func validate(names: [String], of certificate: String) throws {
        for name in names where !HostNames.isValid(name) && !HostNames.isIPv6(name) {
            throw Failure(
                "invalid name “\(name.escaped)” in the certificate \(certificate)",
                advice: "Write one such as shop.example.com, *.example.com or 10.0.0.5, in lowercase.")
        }
        guard !names.isEmpty, Set(names).count == names.count else {
            throw Failure("the certificate \(certificate) has no name, or one twice", advice: "Give each name once.")
        }
    }
}

extension TLS {
    /// The algorithm of a key.
    public enum Algorithm: Sendable, Hashable {
        /// ECDSA on the curve P-256.
        case ecdsa
        case ed25519
        /// RSA with a modulus of this many bits, at least 2048.
        case rsa(Int)

        var arguments: [String] {
            switch self {
            case .ecdsa: ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
            case .ed25519: ["-algorithm", "ED25519"]
            case .rsa(let bits): ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:\(bits)"]
            }
        }

        var problem: String? {
            guard case .rsa(let bits) = self, !(2048...16384).contains(bits) else { return nil }
            return "a key of RSA has 2048 to 16384 bits, and \(bits) are declared"
        }
    }

    /// A new key in PEM, for the caller to wipe.
    static func makeKey(_ algorithm: Algorithm, on machine: Machine) async throws -> [UInt8] {
        try await machine.outputWithKey(of: Invocation("openssl", ["genpkey"] + algorithm.arguments))
    }
}

extension Machine {
    /// The output of a program that prints a key, for the caller to wipe. No error has any of it.
    func outputWithKey(of command: Invocation) async throws -> [UInt8] {
        var result = try await run(command)
        guard result.succeeded else {
            result.output.wipe()
            throw CommandFailure(command: command, result: CommandResult(ending: result.ending, errors: result.errors))
        }
        return result.output
    }
}
