import CGPGME
import Foundation
import SystemPackage

/// A libgpgme context for one GnuPG home.
final class GnuPGContext {
    private let handle: OpaquePointer
    /// The GnuPG home; nil: GnuPG's default.
    let home: FilePath?
    /// Kept alive as long as the context.
    private let temporaryHome: TemporaryHome?

    convenience init(home: TemporaryHome, isArmored: Bool = false) throws(SecretStoreError) {
        try self.init(home: home.path, temporaryHome: home, isArmored: isArmored)
    }

    /// - Parameter home: nil: `GNUPGHOME`, or `~/.gnupg`.
    /// - Throws: ``SecretStoreError/gnupgMissing(reason:)``.
    convenience init(home: FilePath?) throws(SecretStoreError) {
        try self.init(home: home, temporaryHome: nil, isArmored: false)
    }

    private init(home: FilePath?, temporaryHome: TemporaryHome?, isArmored: Bool) throws(SecretStoreError) {
        try Self.start.get()
        var handle: OpaquePointer?
        try GnuPGError.check(gpgme_new(&handle)) { .gnupgMissing(reason: $0.words) }
        guard let handle else { throw .gnupgMissing(reason: "no context") }
        self.handle = handle
        self.home = home
        self.temporaryHome = temporaryHome
        try GnuPGError.check(gpgme_set_protocol(handle, GPGME_PROTOCOL_OpenPGP)) { .gnupgMissing(reason: $0.words) }
        // This starts `gpg --version`.
        if let home {
            try GnuPGError.check(gpgme_ctx_set_engine_info(handle, GPGME_PROTOCOL_OpenPGP, nil, home.string)) {
                .gnupgMissing(reason: $0.words)
            }
        }
        gpgme_set_armor(handle, isArmored ? 1 : 0)
    }

    deinit { gpgme_release(handle) }

    /// Calls `body` with the handle, and stays alive until it returns.
    func withHandle<Result, Failure>(_ body: (OpaquePointer) throws(Failure) -> Result) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(handle)
    }

    /// Runs an operation and throws its error.
    func attempt(_ operation: (OpaquePointer) -> gpgme_error_t) throws(GnuPGError) {
        try GnuPGError.check(withHandle(operation))
    }

    /// Initializes the library, which must happen once before any thread uses it.
    private static let start: Result<Void, SecretStoreError> = {
        // Without it pinentry has no terminal if the output is redirected, as in `propel secret get NAME | ssh …`.
        if getenv("GPG_TTY") == nil,
            let terminal = ttyname(STDIN_FILENO) ?? ttyname(STDERR_FILENO) ?? ttyname(STDOUT_FILENO)
        {
            setenv("GPG_TTY", terminal, 0)
        }
        guard gpgme_check_version("1.18.0") != nil else {
            return .failure(.gnupgMissing(reason: "libgpgme is older than 1.18"))
        }
        let error = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP)
        return error == 0 ? .success(()) : .failure(.gnupgMissing(reason: GnuPGError(error).words))
    }()
}

/// An error of libgpgme.
struct GnuPGError: Error, Equatable {
    let code: gpg_err_code_t

    init(_ error: gpgme_error_t) { code = gpgme_err_code(error) }

    /// The library's description of the error.
    var words: String { String(cString: gpgme_strerror(gpg_error_t(code.rawValue))) }

    static func check(_ error: gpgme_error_t) throws(GnuPGError) {
        if error != 0 { throw GnuPGError(error) }
    }

    static func check(_ error: gpgme_error_t, _ meaning: (GnuPGError) -> SecretStoreError) throws(SecretStoreError) {
        if error != 0 { throw meaning(GnuPGError(error)) }
    }
}

extension GnuPGContext {
    /// Whether the agent of this home accepts connections. Without an agent GnuPG reports a missing secret key.
    var isAgentAlive: Bool {
        let arguments = ["gpgconf"] + (home.map { ["--homedir", $0.string] } ?? []) + ["--list-dirs", "agent-socket"]
        var words = arguments.map { strdup($0).map { UnsafePointer($0) } } + [nil]
        defer { words.forEach { free(UnsafeMutablePointer(mutating: $0)) } }
        guard let program = gpgme_get_dirinfo("gpgconf-name"), let spawner = try? GnuPGContext(home: home) else {
            return false
        }
        let output = GnuPGData()
        let error = spawner.withHandle { spawner in
            output.withHandle { output in
                gpgme_set_protocol(spawner, GPGME_PROTOCOL_SPAWN)
                return gpgme_op_spawn(spawner, program, &words, nil, output, nil, 0)
            }
        }
        guard error == 0 else { return false }
        let path = String(decoding: output.bytes, as: UTF8.self).trimmingCharacters(in: .newlines)

        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard !path.isEmpty, path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        } == 0
    }
}
