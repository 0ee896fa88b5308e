import Libc

/// Keeps the packages that are being installed from starting their services, by the program that Debian's packages ask
/// (`/usr/sbin/policy-rc.d`, invoke-rc.d(8)).
///
/// A program of that name which is there is kept, and restored. If a run is killed, what it has left forbids nothing:
/// the program looks whether that run still exists. The next installation removes it.
struct WithheldServices {
    let machine: Machine

    static let path: FilePath = "/usr/sbin/policy-rc.d"

    private var originals: Originals {
        Originals(files: machine.files, directory: Machine.state.appending("withheld-services"))
    }

    /// Whether a killed run has left the program.
    var isLeft: Bool { get throws { try originals.has(Self.path) } }

    /// Restores the program that was there, if there is one that this has put in its place.
    func restore() throws { if try isLeft { try originals.restore(Self.path) } }

    /// Performs `body` while no service is started.
    func during(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try originals.keep(Self.path)
        let files = machine.files, directory = Self.path.removingLastComponent()
        if try files.status(of: directory) == nil { try files.createDirectories(directory, mode: 0o755) }
        // The original may be a link: it would not be replaced.
        if try files.status(of: Self.path)?.kind == .link { try files.remove(Self.path) }
        try files.replace(Self.path, with: Array(try program().utf8), mode: 0o755)
        do { try await body() } catch { throw await error.after { try restore() } }
        try restore()
    }

    /// 101: the action is forbidden.
    private func program() throws -> String {
        let boot: FilePath = "/proc/sys/kernel/random/boot_id"
        let id = try machine.files.readIfPresent(boot).map { String(decoding: $0, as: UTF8.self).trimmed } ?? ""
        return """
            #!/bin/sh
            # No service is started while Propel installs packages. Without that process this forbids nothing.
            [ "$(cat \(boot) 2>/dev/null)" = "\(id)" ] && [ -d /proc/\(getpid()) ] && exit 101
            exit 0

            """
    }
}
