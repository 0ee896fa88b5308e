import Vocabulary
import SSHTransport
import Foundation
import Propel
import Subprocess
import SystemPackage

/// A build on a machine that has the processor itself.
///
/// The sources go there, only what is missing or changed; `swift build` runs in a session of its own, so that it goes on where the link
/// drops, and is found again; the result comes back and is compared with its hash. Whatever is cut short goes on from where it was.
struct HostBuild {
    let root: URL
    let architecture: Architecture
    /// Its name in hosts.conf.
    let host: String
    let destination: Destination
    let prompter: TerminalPrompter
    let progress: @Sendable (String) -> Void
    /// Whether it is built again where there is a result for these sources.
    var isAnew = false

    /// - Returns: the path of the program.
    mutating func run() async throws -> String {
        let manifest = try await SourceManifest.of(root)
        // The package is not one without its tests' folders.
        let all =
            manifest.lines + (try await SourceManifest.lines(of: SourceManifest.files(in: "Tests", of: root), in: root))
        let folder = self.folder
        var lost: (any Error)?, reconnection = Reconnection()
        while true {
            var reached: ContinuousClock.Instant?
            do {
                let connection = try await Connection.connect(to: destination, prompter: prompter)
                if lost != nil { progress("\(host) is there again") }
                reached = .now
                let file = try await build(manifest, all, folder: folder, on: connection)
                await connection.close()
                return file
            } catch let error as TransportError where error.isUnreachable {
                // What cannot be reached from the beginning is no link that has dropped.
                if lost == nil, reached == nil { throw error }
                // A link that drops again at once has not been there.
                if lost == nil || reached.map({ .now - $0 > .seconds(60) }) == true { reconnection.begin() }
                lost = error
                guard let pause = reconnection.nextPause() else { throw error }
                progress(
                    "the connection to \(host) was lost, and what was begun there goes on; trying again in \(pause) s")
                try await Task.sleep(for: .seconds(pause))
            }
        }
    }

    /// A folder there for each folder here.
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

    /// The files that are there, as lines of a manifest, and the hash of the manifest that they were sent with.
    private func survey(
        _ folder: String, on connection: Connection
    ) async throws -> (files: Set<String>, manifest: String?) {
        let conversation = try await BuildConversation(BuildScripts.survey, [], folder: folder, on: connection)
        let machine = try await conversation.expect("machine")
        guard Architecture(machine: machine) == architecture else {
            throw BuildError(
                description:
                    "\(host) is named in hosts.conf as a build host for \(architecture.rawValue), and its processor is \(machine)\nName another host in [fleet] build-hosts."
            )
        }
        guard try await conversation.expect("swift").contains("Swift version") else {
            throw BuildError(
                description:
                    "\(host) has no Swift, or not in the PATH of a login shell\nInstall it there: https://www.swift.org/install/linux/"
            )
        }
        var files = Set<String>(), manifest: String?
        while let told = try await conversation.next(), told.word != "end" {
            if told.word == "file" { files.insert(told.rest) }
            if told.word == "manifest" { manifest = told.rest }
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
            throw BuildError(description: "the sources cannot be packed: \(made.standardError)")
        }
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: archive)))
        progress("sending \(names.count) of \(all.count) source files to \(host), \(bytes.count / 1000) kB")
        let conversation = try await BuildConversation(
            BuildScripts.receive, [String(bytes.count)], folder: folder, on: connection)
        _ = try await conversation.expect("send")
        try await conversation.send(bytes) { _ in }
        _ = try await conversation.expect("received")
        await conversation.close()
    }

    private mutating func watchBuild(
        _ fingerprint: String, of manifest: String, _ folder: String, on connection: Connection
    ) async throws -> (size: Int, hash: String) {
        let conversation = try await BuildConversation(
            BuildScripts.build, [fingerprint, isAnew ? "no" : "yes", manifest], folder: folder, on: connection)
        var log: [String] = [], last = ""
        do {
            while let told = try await conversation.next() {
                // Begun anew once; after a link that drops, that build is the one that is meant.
                isAnew = false
                switch told.word {
                case "going" where told.rest != last:
                    last = told.rest
                    if !last.isEmpty { progress("\(host): \(last)") }
                case "log": log.append(told.rest)
                case "built":
                    let parts = told.rest.split(separator: ":").map(String.init)
                    guard parts.count == 2, let size = Int(parts[0]), size > 0, size < 1 << 28 else { break }
                    await conversation.close()
                    return (size, parts[1])
                default: break
                }
            }
        } catch let error as BuildError {
            throw BuildError(description: ([error.description] + log).joined(separator: "\n"))
        }
        throw TransportError.linkLost(host: host, reason: "the build's script ended before its end")
    }

    /// Fetches the result. What has arrived of it is kept until all of it has.
    private func fetch(
        _ fingerprint: String, size: Int, hash: String, from folder: String, on connection: Connection
    ) async throws -> String {
        let place = root.appending(path: ".build/host-\(host)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let compressed = place.appending(path: "propel-enforce.\(fingerprint.prefix(16)).gz").path
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
                BuildScripts.fetch, [fingerprint, String(have)], folder: folder, on: connection)
            _ = try await conversation.expect("send")
            try await conversation.read { bytes in
                have += bytes.count
                guard have <= size else {
                    throw BuildError(description: "\(host) sent more than it had said; run again")
                }
                try file.writeAll(bytes)
            }
            await conversation.close()
            guard have == size else { throw TransportError.linkLost(host: host, reason: "the result was cut off") }
        }
        guard try await EnforcerFile(path: compressed).sha256() == hash else {
            unlink(compressed)
            throw BuildError(description: "what arrived from \(host) is not what it had built\nRun again.")
        }
        let program = place.appending(path: "propel-enforce").path
        let output = try FileDescriptor.open(
            FilePath(program), .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWriteExecute])
        let unpacked = try await Subprocess.run(
            .name("gzip"), arguments: ["--decompress", "--stdout", "--", compressed],
            output: .fileDescriptor(output, closeAfterSpawningProcess: true),
            error: .string(limit: 4096))
        guard unpacked.terminationStatus.isSuccess else {
            throw BuildError(description: "what \(host) built cannot be unpacked: \(unpacked.standardError)")
        }
        unlink(compressed)
        return program
    }
}
