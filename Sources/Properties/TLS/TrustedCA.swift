extension TLS {
    /// A certificate authority that the programs of the machine trust (update-ca-certificates(8)).
    ///
    ///     TLS.TrustedCA("office", certificate: text)
    ///     TLS.TrustedCA(TLS.Authority("office", commonName: "Example Office CA"))
    ///
    /// It is `/usr/local/share/ca-certificates/NAME.crt`, and part of `/etc/ssl/certs/ca-certificates.crt`. Java,
    /// Firefox and containers have stores that are not changed by it. ``TLS/TrustedCA/Absent`` removes one.
    public struct TrustedCA: Revertible, Hashable {
        public typealias Target = DebianLike

        enum Source: Sendable, Hashable {
            case pem(String)
            case authority(Authority)
        }

        public let id: String
        let source: Source

        /// - Parameters:
        ///   - id: the name of the file.
        ///   - certificate: one certificate in PEM.
        public init(_ id: String, certificate: String) {
            self.id = id
            source = .pem(certificate)
        }

        /// An authority on the same machine, which must be declared too.
        public init(_ authority: Authority) {
            id = authority.id
            source = .authority(authority)
        }

        public var name: String { "trusted certificate authority \(id)" }
        public var problems: [String] { problems(in: validate) }
        public var claims: [Claim] {
            let state =
                switch source {
                case .pem(let text): "a certificate, SHA-256 \(SHA256.hash(Array(text.trimmed.utf8)).prefix(12))…"
                case .authority(let authority): "the certificate of the authority \(authority.id)"
                }
            return [.path(path, is: state, summary: state)]
        }

        public func declaration(at place: SourcePlace) -> Declaration {
            var requirements: [any Declarable] = [Apt.Installed("ca-certificates")]
            if case .authority(let authority) = source { requirements.append(authority) }
            return declaration(at: place, requiring: requirements)
        }

        private var path: FilePath { Self.path(of: id) }
        private var link: FilePath { Self.link(of: id) }
        private static let bundle: FilePath = "/etc/ssl/certs/ca-certificates.crt"

        private func validate() throws {
            try TLS.validate(name: id)
            guard case .pem(let text) = source else { return }
            let begins = text.lines.filter { $0.hasPrefix("-----BEGIN ") }
            guard begins.count == 1, Array(text.utf8).hasPEM("CERTIFICATE"),
                text.contains("-----END CERTIFICATE-----")
            else {
                throw Failure(
                    "the trusted certificate authority \(id) is not one certificate in PEM",
                    advice: "Paste it from -----BEGIN CERTIFICATE----- to the last dash; declare each one by itself.")
            }
        }

        /// - Throws: ``Undetermined`` if the authority has no certificate yet.
        private func certificate(on machine: Machine) throws -> [UInt8] {
            switch source {
            case .pem(let text): return Array((text.trimmed + "\n").utf8)
            case .authority(let authority):
                guard let bytes = try machine.files.readIfPresent(authority.certificatePath) else {
                    throw Undetermined(until: "the certificate authority \(authority.id) exists")
                }
                return bytes
            }
        }

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            let certificate = try certificate(on: machine)
            guard let found = try machine.files.status(of: path) else {
                try await machine.requireDirectory(of: path)
                return .unmet("trust it")
            }
            guard found.kind == .file else {
                throw Failure(
                    "\(path) is a \(found.kind.words), and a certificate is declared there",
                    advice: "Move it away, or declare another name.")
            }
            var reasons = try machine.files.read(path) == certificate ? [] : ["another certificate"]
            reasons += try await machine.differences(of: found, mode: 0o644, owner: "root", group: "root")
            if reasons.isEmpty, try !isInStore(certificate, on: machine) { reasons = ["it is not in the store"] }
            return .unmet(unlessEmpty: reasons)
        }

        private func isInStore(_ certificate: [UInt8], on machine: Machine) throws -> Bool {
            guard try machine.files.status(of: link)?.kind == .link,
                try machine.files.destination(ofLink: link) == path.string,
                let bundle = try machine.files.readIfPresent(Self.bundle)
            else { return false }
            // The store has the files one after the other. The base64 of a certificate is in no other one.
            let wanted = certificate.lines, all = bundle.lines
            guard let mark = wanted.first(where: { !$0.starts(with: "-".utf8) }) else { return false }
            return all.indices.contains { index in
                guard all[index].elementsEqual(mark), index > 0, index - 1 + wanted.count <= all.count else {
                    return false
                }
                return zip(all[(index - 1)...], wanted).allSatisfy { $0.elementsEqual($1) }
            }
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let certificate = try certificate(on: machine)
            let isKnown = try machine.files.status(of: link) != nil
            try machine.originals.keep(path)
            try machine.files.replace(path, with: certificate, mode: 0o644)
            // Without `--fresh` the names of present links stay, which are hashes of the certificates.
            try await machine.succeed(Invocation("update-ca-certificates", isKnown ? ["--fresh"] : []))
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            let restored = try machine.checkRestored([path])
            guard restored == .satisfied, try Self.isLeftInStore(id, on: machine) else { return restored }
            return .unmet("remove it from the store")
        }

        public func revert(on machine: Machine) async throws {
            try machine.originals.restore(path)
            try await machine.run("update-ca-certificates", "--fresh")
        }
    }
}
