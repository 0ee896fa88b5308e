import Foundation
import PlainText
import Vocabulary

/// An installed Debian that machines are made from; see `Disk`. It never changes.
struct Base {
    let suite: DebianRelease
    /// Packages besides those of every machine.
    var furtherPackages: [String] = []

    /// The packages of every machine besides essential ones and apt. A change here needs another `revision`.
    private static let commonPackages = [
        "systemd", "systemd-sysv", "dbus", "openssh-server", "iproute2", "ca-certificates",
    ]
    private static let revision = 1

    private var packages: [String] { Self.commonPackages + furtherPackages }

    /// Such as `bookworm-1+docker.io`.
    private var name: String {
        (["\(suite.rawValue)-\(Self.revision)"] + furtherPackages.sorted()).joined(separator: "+")
    }

    /// An absolute path with the revision in it.
    var directory: String { "\(Place.bases)/\(name)" }

    /// Installs the base unless it exists. That takes half a minute; a second caller waits for the first.
    func ensure(progress: @Sendable (String) -> Void) async throws {
        if access(directory, F_OK) == 0 { return }
        try makePrivateDirectory(Place.bases)
        let lock = FileLock(path: "\(Place.locks)/base-\(name).lock")
        let waiting = { progress("Waiting for another process that installs Debian \(suite.rawValue)") }
        try await lock.hold(waiting: waiting) {
            if access(directory, F_OK) == 0 { return }
            progress("Installing Debian \(suite.rawValue) for the sandboxes, which takes half a minute the first time")
            // Left by an attempt that was killed. If its installer is still running, it fails now.
            let prefix = "\(name).unfinished-"
            for name in try FileManager.default.contentsOfDirectory(atPath: Place.bases) where name.hasPrefix(prefix) {
                try await removeTree("\(Place.bases)/\(name)")
            }
            let unfinished = "\(Place.bases)/\(prefix)\(getpid())"
            do {
                try await install(into: unfinished)
            } catch {
                try? await removeTree(unfinished)
                throw error
            }
            guard rename(unfinished, directory) == 0 else {
                throw SandboxError.systemCall(on: directory)
            }
        }
    }

    private func install(into root: String) async throws {
        let options = "\(Place.bases)/apt-\(name).conf"
        try writeFile(try await AptSources.options(), to: options, permissions: 0o600)
        defer { unlink(options) }
        try await LocalCommand(
            "mmdebstrap",
            [
                "--quiet", "--mode=root", "--variant=minbase", "--include=\(packages.joined(separator: ","))",
                "--aptopt=\(options)", "--customize-hook=chroot \"$1\" systemctl enable systemd-networkd.service",
                suite.rawValue, root,
            ] + AptSources.ofThisMachine().lines(for: suite)
        ).output()
        // All machines would have the same keys.
        for name in try FileManager.default.contentsOfDirectory(atPath: "\(root)/etc/ssh")
        where name.hasPrefix("ssh_host_") {
            unlink("\(root)/etc/ssh/\(name)")
        }
        try await verify(root)
        // The files must be on the disk before the rename is.
        try await LocalCommand("sync", "--file-system", root).output()
    }

    private func verify(_ root: String) async throws {
        let installed = try await LocalCommand(
            "dpkg-query", ["--root=\(root)", "-W", "-f=${db:Status-Abbrev} ${Package}\\n"]
        ).output().nonEmptyLines.filter { $0.hasPrefix("ii") }.compactMap {
            $0.split(separator: " ").last.map(String.init)
        }
        let missing = Set(packages).subtracting(installed)
        guard missing.isEmpty else {
            throw SandboxError.file(
                root,
                reason: "the installed Debian \(suite.rawValue) has no \(missing.sorted().joined(separator: ", "))"
            )
        }
    }
}
