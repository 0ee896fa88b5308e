import Foundation
import Propel
import SSHTransport
import Subprocess
import SystemPackage
import Vocabulary

/// A build on a machine of the architecture that is built for.
///
/// Sends the sources that are missing there or differ, runs `swift build` in a separate session, which survives a
/// lost connection and is found again, and fetches the result, which is compared with its hash. Each step resumes
/// after a cut.
struct HostBuild {
    let root: URL
    let architecture: Architecture
    /// The name of the build host in hosts.conf.
    let host: String
    let destination: Destination
    let prompter: TerminalPrompter
    let progress: @Sendable (String) -> Void
    /// Whether to build even if there is a result for these sources.
    var isRebuilding = false

    /// - Returns: The path of the program.
    mutating func run() async throws -> String {
        try refusePackagesElsewhere()
        let manifest = try SourceManifest.of(root)
        // The folders of the test targets have to exist for the manifest of the package to be valid.
        let tests = SourceManifest.files(in: "Tests", of: root)
        let all = manifest.lines + (try SourceManifest.lines(of: tests, in: root))
        let folder = self.folder
        var lost: (any Error)?, reconnection = Reconnection()
        while true {
            var reached: ContinuousClock.Instant?
            do {
                let connection = try await Connection.connect(to: destination, prompter: prompter)
                if lost != nil { progress("connected to \(host) again") }
                reached = .now
                let file = try await build(manifest, all, folder: folder, on: connection)
                await connection.close()
                return file
            } catch let error as TransportError where error.isUnreachable {
                // A host that was never reached is not a lost connection.
                if lost == nil, reached == nil { throw error }
                // A connection that drops at once does not restart the waiting time.
                if lost == nil || reached.map({ .now - $0 > .seconds(60) }) == true { reconnection.reset() }
                lost = error
                guard let pause = reconnection.nextPause() else { throw error }
                progress(
                    "lost the connection to \(host), where the build continues; trying again in \(pause) s")
                try await Task.sleep(for: .seconds(pause))
            }
        }
    }

    /// - Throws: ``BuildError`` if a package is depended on by a path outside of the configuration: it would not be
    ///   found there.
    private func refusePackagesElsewhere() throws {
        let packages = PackageLayout(root: root).localPackages
        guard let package = packages.first(where: { $0.hasPrefix("/") || $0.hasPrefix("..") }) else { return }
        throw BuildError(
            description: """
                \(host) cannot build propel-enforce: Package.swift depends on “\(package)”, outside of here
                Depend on it by URL and version, or use a Swift SDK on this computer ([fleet] sdks).
                """)
    }

    /// The name of the folder on the build host, one for each configuration here.
    private var folder: String {
        let name = "\(HostRun.deployer):\(root.resolvingSymlinksInPath().path)"
        return String(SHA256.hash(Array(name.utf8)).prefix(16))
    }

    private mutating func build(
        _ manifest: SourceManifest, _ all: [String], folder: String, on connection: Connection
    ) async throws -> String {
        let list = all.joined(separator: "\n") + "\n"
        let listHash = SHA256.hash(Array(list.utf8))
        let present = try await survey(folder, on: connection)
        if present.files != Set(all) || present.manifest != listHash {
            try await send(
                all, missing: all.filter { !present.files.contains($0) }, list: list, to: folder, on: connection)
        }
        progress("\(host) builds propel-enforce")
        let (size, hash) = try await watchBuild(manifest.fingerprint, of: listHash, folder, on: connection)
        return try await fetch(manifest.fingerprint, size: size, hash: hash, from: folder, on: connection)
    }

    /// The files on the build host, as lines of a manifest, and the hash of the manifest that they were sent with.
    private func survey(
        _ folder: String, on connection: Connection
    ) async throws -> (files: Set<String>, manifest: String?) {
        let conversation = try await BuildConversation(BuildScripts.survey, [], folder: folder, on: connection)
        let machine = try await conversation.expect("machine")
        guard Architecture(machine: machine) == architecture else {
            throw BuildError(
                description: """
                    \(host) is the build host for \(architecture.rawValue) in hosts.conf, but its architecture is \
                    \(machine)
                    Name another host in [fleet] build-hosts.
                    """
            )
        }
        guard try await conversation.expect("swift").contains("Swift version") else {
            throw BuildError(
                description: """
                    \(host) has no Swift in the PATH of a login shell
                    Install it there: https://www.swift.org/install/linux/
                    """
            )
        }
        var files = Set<String>(), manifest: String?
        while let message = try await conversation.next(), message.word != "end" {
            if message.word == "file" { files.insert(message.rest) }
            if message.word == "manifest" { manifest = message.rest }
        }
        await conversation.close()
        return (files, manifest)
    }

    private func send(
        _ all: [String], missing: [String], list: String, to folder: String, on connection: Connection
    ) async throws {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "propel-sources-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: scratch, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: scratch) }
        try list.write(to: scratch.appending(path: ".manifest.new"), atomically: true, encoding: .utf8)
        let archive = scratch.appending(path: "sources.tar.gz").path
        let names = missing.map { String($0.dropFirst(66)) }
        let made = try await Subprocess.run(
            .name("tar"),
            arguments: Arguments(
                [
                    "--create", "--gzip", "--dereference", "--file", archive, "--directory", scratch.path,
                    ".manifest.new",
                ] + (names.isEmpty ? [] : ["--directory", root.path, "--"] + names)),
            output: .discarded, error: .string(limit: 1 << 16))
        guard made.terminationStatus.isSuccess else {
            throw BuildError(description: "cannot pack the sources: \(made.standardError)")
        }
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: archive)))
        progress("sending \(names.count) of \(all.count) source files to \(host), \(bytes.count / 1000) kB")
        let conversation = try await BuildConversation(
            BuildScripts.receive, [String(bytes.count)], folder: folder, on: connection)
        _ = try await conversation.expect("send")
        try await conversation.send(bytes)
        _ = try await conversation.expect("received")
        await conversation.close()
    }

    private mutating func watchBuild(
        _ fingerprint: String, of manifest: String, _ folder: String, on connection: Connection
    ) async throws -> (size: Int, hash: String) {
        let conversation = try await BuildConversation(
            BuildScripts.build, [fingerprint, isRebuilding ? "no" : "yes", manifest], folder: folder, on: connection)
        var log: [String] = [], last = ""
        do {
            while let message = try await conversation.next() {
                // After a lost connection, the build that was started counts.
                isRebuilding = false
                switch message.word {
                case "going" where message.rest != last:
                    last = message.rest
                    if !last.isEmpty { progress("\(host): \(last)") }
                case "log": log.append(message.rest)
                case "built":
                    let parts = message.rest.split(separator: ":").map(String.init)
                    guard parts.count == 2, let size = Int(parts[0]), size > 0, size < 1 << 28 else { break }
                    await conversation.close()
                    return (size, parts[1])
                default: break
                }
            }
        } catch let error as BuildError {
            throw BuildError(description: ([error.description] + log).joined(separator: "\n"))
        }
        throw TransportError.linkLost(host: host, reason: "the build script ended unexpectedly")
    }

    /// Fetches the result. A part that has arrived is kept until the rest has.
    private func fetch(
        _ fingerprint: String, size: Int, hash: String, from remoteFolder: String, on connection: Connection
    ) async throws -> String {
        let folder = root.appending(path: ".build/host-\(host)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let compressed = folder.appending(path: "propel-enforce.\(fingerprint.prefix(16)).gz").path
        let file = try FileDescriptor.open(
            FilePath(compressed), .readWrite, options: [.create], permissions: [.ownerReadWrite])
        defer { try? file.close() }
        var have = Int(try file.seek(offset: 0, from: .end))
        if have > size {
            try file.resize(to: 0)
            have = Int(try file.seek(offset: 0, from: .start))
        }
        if have < size {
            progress("fetching propel-enforce from \(host), \((size - have) / 1000) kB")
            let conversation = try await BuildConversation(
                BuildScripts.fetch, [fingerprint, String(have)], folder: remoteFolder, on: connection)
            _ = try await conversation.expect("send")
            try await conversation.read { bytes in
                have += bytes.count
                guard have <= size else {
                    throw BuildError(description: "\(host) sent more than it announced\nRun again.")
                }
                try file.writeAll(bytes)
            }
            await conversation.close()
            guard have == size else { throw TransportError.linkLost(host: host, reason: "the result is incomplete") }
        }
        guard try EnforcerFile(path: compressed).sha256() == hash else {
            unlink(compressed)
            throw BuildError(
                description:
                    "propel-enforce from \(host) has another hash than the one that was built there\nRun again.")
        }
        let program = try await unpack(compressed, into: folder)
        unlink(compressed)
        return program
    }

    private func unpack(_ compressed: String, into folder: URL) async throws -> String {
        let program = folder.appending(path: "propel-enforce").path
        let output = try FileDescriptor.open(
            FilePath(program), .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWriteExecute])
        let unpacked = try await Subprocess.run(
            .name("gzip"), arguments: ["--decompress", "--stdout", "--", compressed],
            output: .fileDescriptor(output, closeAfterSpawningProcess: true),
            error: .string(limit: 4096))
        guard unpacked.terminationStatus.isSuccess else {
            throw BuildError(description: "cannot unpack propel-enforce from \(host): \(unpacked.standardError)")
        }
        return program
    }
}
