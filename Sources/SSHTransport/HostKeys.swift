import Foundation
import PlainText
import Subprocess

/// The accepted and the revoked host keys of a machine: those pinned in hosts.conf, or those of the known_hosts files.
///
/// libssh reads a single file and skips lines with a marker, so the files are read here.
struct HostKeys {
    /// The source of a key from hosts.conf.
    static let pinned = "pinned in hosts.conf"

    struct Entry {
        let key: PublicKey
        let source: String
    }

    private(set) var accepted: [Entry] = []
    private(set) var revoked: [Entry] = []
    /// The authorities whose certificates are accepted (`@cert-authority`).
    private(set) var authorities: [Entry] = []
    /// The key of a certificate that was accepted.
    private var certified: PublicKey?
    /// The key of the server's certificate, if its authority is revoked, and where that is listed.
    private var revokedCertificate: Entry?
    /// Why the server's certificate was not accepted; nil without one.
    private(set) var certificateProblem: String?
    let isPinned: Bool

    init(pinned lines: [String], configuration: ClientConfiguration) throws {
        isPinned = !lines.isEmpty
        for line in lines {
            guard let key = PublicKey(line: line) else {
                throw TransportError.hostKeyMalformed(host: configuration.alias, key: line)
            }
            accepted.append(Entry(key: key, source: Self.pinned))
        }
        let hasOtherName = configuration.port != 22 && configuration["hostkeyalias"] == nil
        for file in try configuration.userKnownHostsFiles + configuration.globalKnownHostsFiles {
            guard let data = FileManager.default.contents(atPath: file) else { continue }
            for (index, bytes) in data.lines.enumerated() {
                guard let line = KnownHostsLine(bytes) else { continue }
                let isExact = line.matches(configuration.hostKeyName)
                guard isExact || hasOtherName && line.matches(configuration.hostName) else { continue }
                // A key of a type that libssh does not know cannot be presented either.
                guard let key = PublicKey(line: line.key) else { continue }
                let entry = Entry(key: key, source: "\(file):\(index + 1)")
                switch line.marker {
                case .revoked: revoked.append(entry)
                case _ where isPinned: break
                case .authority: authorities.append(entry)
                case nil where isExact: accepted.append(entry)
                case nil: withoutPort.append(entry)
                }
            }
        }
        if !accepted.isEmpty { withoutPort = [] }
    }

    /// Keys listed for the name without a port, where the port is not 22. An equal key is accepted; a different one
    /// proves nothing, since another port may be another machine.
    private var withoutPort: [Entry] = []

    /// Whether the server's certificate decides: an authority is accepted, or may be revoked.
    var needsCertificate: Bool { !authorities.isEmpty || !revoked.isEmpty }

    /// Accepts the key of a certificate, if an authority for this host has signed it and it is valid.
    mutating func consider(_ certificate: HostCertificate, _ configuration: ClientConfiguration) async throws {
        if let entry = revoked.first(where: { $0.key.blob == certificate.authority }) {
            revokedCertificate = Entry(key: certificate.key, source: entry.source)
            return
        }
        guard authorities.contains(where: { $0.key.blob == certificate.authority }) else {
            certificateProblem =
                authorities.isEmpty ? nil : "it is signed by an authority that known_hosts does not list"
            return
        }
        do {
            try certificate.check(
                name: configuration["hostkeyalias"] ?? configuration.hostName,
                algorithms: configuration["casignaturealgorithms"])
            try await certificate.verifySignature()
            certified = certificate.key
        } catch let invalid as HostCertificate.Invalid {
            certificateProblem = invalid.reason
        }
    }

    enum Trust {
        case known
        case unknown
        case changed([ExpectedHostKey])
        case revoked(source: String)
    }

    func trust(in key: PublicKey) -> Trust {
        let revoked = revoked + [revokedCertificate].compactMap(\.self)
        if let entry = revoked.first(where: { $0.key.isSame(as: key) }) { return .revoked(source: entry.source) }
        if let certified, certified.isSame(as: key) { return .known }
        if (accepted + withoutPort).contains(where: { $0.key.isSame(as: key) }) { return .known }
        if accepted.isEmpty { return .unknown }
        return .changed(
            accepted.map { ExpectedHostKey(fingerprint: "\($0.key.type) \($0.key.fingerprint)", source: $0.source) })
    }

    /// The algorithms with those of the known keys first, so that the server presents a key that can be compared.
    func preferred(of algorithms: [String]) -> [String] {
        // A certificate is asked for first by ssh, so the key of a revoked one too.
        let decisive = [revokedCertificate?.key, certified].compactMap(\.self).flatMap(\.algorithms)
        let known = (accepted + withoutPort).flatMap(\.key.algorithms).filter { !decisive.contains($0) }
        let others = algorithms.filter { !decisive.contains($0) && !known.contains($0) }
        return algorithms.filter(decisive.contains) + algorithms.filter(known.contains) + others
    }
}

// MARK: - Adding a key

extension HostKeys {
    /// Appends a key to the first of the user's known_hosts files, under a lock, unless another process has added it.
    static func add(
        _ key: PublicKey, configuration: ClientConfiguration, isolation: isolated (any Actor)? = #isolation
    ) async throws {
        guard let file = try configuration.userKnownHostsFiles.first, let base64 = key.base64 else { return }
        func failure(_ reason: String) -> TransportError {
            .hostKeyNotSaved(host: configuration.alias, file: file, reason: reason)
        }
        let directory = (file as NSString).deletingLastPathComponent
        if !FileManager.default.fileExists(atPath: directory), mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw failure(errorText(errno))
        }
        var line = "\(configuration.hostKeyName) \(key.type) \(base64)"
        if configuration.isOn("hashknownhosts") { line = try await hashed(line) ?? line }
        let descriptor = open(file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errorText(errno)) }
        defer { close(descriptor) }
        var status = stat()
        // Nothing is kept in /dev/null.
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        guard flock(descriptor, LOCK_EX) == 0 else { throw failure(errorText(errno)) }
        if case .known = try HostKeys(pinned: [], configuration: configuration).trust(in: key) { return }

        var last: UInt8 = 10
        let end = lseek(descriptor, 0, SEEK_END)
        if end > 0 { pread(descriptor, &last, 1, end - 1) }
        let bytes = Array(((last == 10 ? "" : "\n") + line + "\n").utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw failure(errorText(errno))
        }
    }

    /// The line with its host name hashed (`HashKnownHosts`), by `ssh-keygen -H` on a temporary file.
    private static func hashed(_ line: String) async throws -> String? {
        var template = Array((NSTemporaryDirectory() + "/known-host-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        let directory = String(terminatedByNUL: template)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = directory + "/known_hosts"
        try (line + "\n").write(toFile: file, atomically: false, encoding: .utf8)
        let result = try await run(
            .name("ssh-keygen"), arguments: ["-q", "-H", "-f", file], input: .none, output: .discarded,
            error: .discarded)
        guard result.terminationStatus.isSuccess, let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            return nil
        }
        return text.nonEmptyLines.first.map(String.init)
    }
}
