/// The signing of a certificate with openssl (openssl-req(1), openssl-x509(1)).
struct CertificateSigning {
    let certificate: TLS.Certificate

    /// The certificate in PEM, with that of its signer after it.
    func sign(_ key: [UInt8], on machine: Machine) async throws -> [UInt8] {
        try await machine.withScratch { scratch in
            let keyFile = try scratch.write(key, to: "tls/key.pem")
            let configuration = try scratch.write(Array(request.utf8), to: "tls/request.cnf")
            guard case .itself = certificate.signer else {
                return try await sign(with: keyFile, configuration, in: scratch, on: machine)
            }
            return try await machine.succeed(
                Invocation(
                    "openssl",
                    [
                        "req", "-x509", "-new", "-config", configuration.string, "-key", keyFile.string, "-sha256",
                        "-days", "\(certificate.days)",
                    ])
            ).output
        }
    }

    private func sign(
        with keyFile: FilePath, _ configuration: FilePath, in scratch: ScratchDirectory, on machine: Machine
    ) async throws -> [UInt8] {
        let request = try await machine.succeed(
            Invocation("openssl", ["req", "-new", "-config", configuration.string, "-key", keyFile.string])
        ).output
        let requestFile = try scratch.write(request, to: "tls/request.pem")
        let authority = try await signer(in: scratch, on: machine)
        let signed = try await machine.succeed(
            Invocation(
                "openssl",
                [
                    "x509", "-req", "-in", requestFile.string, "-CA", authority.certificate.string, "-CAkey",
                    authority.key.string, "-set_serial", "0x\(serial(of: request, on: machine))", "-sha256", "-days",
                    "\(certificate.days)", "-extfile", configuration.string, "-extensions", "extensions",
                ])
        ).output
        return signed + (try machine.files.read(authority.certificate))
    }

    private func signer(
        in scratch: ScratchDirectory, on machine: Machine
    ) async throws -> (certificate: FilePath, key: FilePath) {
        switch certificate.signer {
        case .itself: preconditionFailure("a certificate that signs itself has no other signer")
        case .authority(let authority): return (authority.certificatePath, authority.keyPath)
        case .secrets(let text, let key):
            let plaintext = try await machine.secrets.plaintext(of: key)
            let keyFile = try plaintext.withUnsafeBytes { try scratch.write(Array($0), to: "tls/authority.key") }
            return (try scratch.write(Array((text.trimmed + "\n").utf8), to: "tls/authority.pem"), keyFile)
        }
    }

    /// A serial number that no other certificate of the signer has (RFC 5280 4.1.2.2): 19 bytes of a hash of the
    /// request, in which there is a new key, and of the time.
    private func serial(of request: [UInt8], on machine: Machine) -> String {
        "01" + SHA256.hash(request + Array("\(machine.now.seconds)".utf8)).prefix(36)
    }

    private var request: String {
        let names = certificate.names.map { name in
            (HostNames.isAddress(name) || HostNames.isIPv6(name) ? "IP:" : "DNS:") + name
        }.joined(separator: ",")
        return """
            [req]
            prompt = no
            distinguished_name = name
            x509_extensions = extensions
            [name]
            CN = \(certificate.id)
            [extensions]
            basicConstraints = critical, CA:FALSE
            keyUsage = critical, digitalSignature
            extendedKeyUsage = serverAuth, clientAuth
            subjectAltName = \(names)

            """
    }
}
