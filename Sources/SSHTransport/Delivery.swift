import Foundation
import Vocabulary

extension Connection {
    /// Runs the enforcer on the machine as root, and uploads it first if the machine does not have it.
    ///
    /// - Parameters:
    ///   - enforcer: returns the enforcer for an architecture. Called with the expected one first, and again if the
    ///     machine has another.
    ///   - expected: the architecture to assume until the machine has reported its own.
    ///   - arguments: the enforcer's arguments; `--mark TOKEN` is appended. Its first line must be
    ///     `propel:TOKEN:ready`.
    ///   - become: how to become root; ignored if the login user is root.
    ///   - directory: the directory of enforcers on the machine.
    ///   - earlier: returns the file of an earlier enforcer by its SHA-256, if it is here. If the machine has it too,
    ///     only the difference to it is sent.
    ///   - progress: called during an upload.
    public func start(
        enforcer: @Sendable (Architecture) async throws -> Enforcer,
        expecting expected: Architecture = .x86_64,
        arguments: [String],
        become: Become = .unneeded,
        directory: String = Enforcer.directory,
        earlier: @Sendable (String) -> String? = { _ in nil },
        progress: @Sendable (UploadProgress) -> Void = { _ in }
    ) async throws -> RemoteRun {
        var architecture = self.architecture ?? expected
        var chosen = try await enforcer(architecture)
        var uploaded: Upload?
        var isCorrected = false
        while true {
            try chosen.validate()
            let (shell, mark) = try await RootShell.start(
                Scripts.start, ([directory, chosen.sha256], arguments), on: self, become: become)
            switch mark {
            case .ready:
                self.architecture = architecture
                return RemoteRun(shell, enforcer: chosen, upload: uploaded)
            case .missing(let machine, let programs, let hashes):
                await shell.close()
                guard let actual = Architecture(machine: machine) else {
                    throw TransportError.unsupportedArchitecture(host: host, machine: machine)
                }
                if actual != architecture {
                    guard !isCorrected else {
                        throw TransportError.startFailed(
                            host: host, status: nil, output: "uname -m was \(architecture), and now it is \(machine)")
                    }
                    isCorrected = true
                    architecture = actual
                    chosen = try await enforcer(actual)
                    continue
                }
                guard uploaded == nil else {
                    throw TransportError.enforcerNotExecutable(host: host, path: directory + "/" + chosen.sha256)
                }
                let installation = Installation(directory: directory, become: become)
                let compression = programs.first { $0.isHere }
                let bases = hashes.compactMap { hash in earlier(hash).map { Enforcer(file: $0, sha256: hash) } }
                uploaded = try await patch(bases.first, to: chosen, compression, installation, progress)
                if uploaded == nil {
                    uploaded = try await upload(chosen, compression, installation, progress)
                }
            default: throw TransportError.startFailed(host: host, status: nil, output: "\(mark)")
            }
        }
    }

    /// Where and how an enforcer is installed.
    private struct Installation {
        var directory: String
        var become: Become
    }

    /// Installs an enforcer as the difference to one that the machine has.
    ///
    /// - Returns: nil if it must be sent as a whole: there is no such enforcer, the two have too little in common, or
    ///   the machine could not make the one from the other.
    private func patch(
        _ base: Enforcer?, to enforcer: Enforcer, _ compression: Compression?, _ installation: Installation,
        _ progress: @Sendable (UploadProgress) -> Void
    ) async throws -> Upload? {
        let size = try enforcer.size
        guard let base, let compression, let payload = try? await Payloads.shared.patch(base, enforcer, compression),
            // The whole one is compressed to a third.
            payload.data.count < size / 4
        else { return nil }
        do {
            return try await install(enforcer, payload, installation, progress) ? payload.upload : nil
        } catch TransportError.uploadFailed {
            return nil
        }
    }

    /// Installs an enforcer. A copy that arrived damaged is not installed, and sent once more from its beginning.
    private func upload(
        _ enforcer: Enforcer, _ compression: Compression?, _ installation: Installation,
        _ progress: @Sendable (UploadProgress) -> Void
    ) async throws -> Upload {
        for attempt in 1...2 {
            let payload = try await Payloads.shared.whole(enforcer, compression, remake: attempt > 1)
            if try await install(enforcer, payload, installation, progress) { return payload.upload }
        }
        throw TransportError.uploadFailed(
            host: host, reason: "the received file does not have the SHA-256 \(enforcer.sha256)")
    }

    /// Sends a payload, after the part of it that has arrived with an upload that was cut.
    /// - Returns: whether the file has its hash, and is installed. If not, the machine has no part of the payload.
    private func install(
        _ enforcer: Enforcer, _ payload: Payload, _ installation: Installation,
        _ progress: @Sendable (UploadProgress) -> Void
    ) async throws -> Bool {
        let (shell, mark) = try await RootShell.start(
            Scripts.install, ([installation.directory, enforcer.sha256], payload.arguments), on: self,
            become: installation.become)
        var outcome: Mark? = mark
        if case .send(let count) = mark {
            guard 0...payload.data.count ~= count else {
                await shell.close()
                throw TransportError.uploadFailed(host: host, reason: "\(count) bytes are there already")
            }
            do {
                try await send(payload.data, from: count, to: shell, progress: progress)
            } catch TransportError.channelClosed {
                // The script exited early; its mark says why.
            }
            outcome = try await shell.nextMark()
        }
        let said = await shell.errorOutput
        await shell.close()
        switch outcome {
        case .installed: return true
        case .corrupt: return false
        case .noSpace:
            throw TransportError.noSpace(host: host, directory: installation.directory, needed: try enforcer.size)
        case .failed(let reason): throw TransportError.uploadFailed(host: host, reason: reason)
        default:
            throw TransportError.uploadFailed(
                host: host, reason: said.isEmpty ? "the script ended without a result" : said)
        }
    }

    /// - Parameter start: the number of bytes that have arrived already.
    private func send(
        _ data: Data, from start: Int, to shell: RootShell, progress: @Sendable (UploadProgress) -> Void
    ) async throws {
        var sent = start
        progress(UploadProgress(start: start, sent: sent, total: data.count))
        while sent < data.count {
            let chunk = data[sent..<min(sent + 1 << 16, data.count)]
            try await shell.write(Array(chunk))
            sent += chunk.count
            progress(UploadProgress(start: start, sent: sent, total: data.count))
        }
    }
}

extension Enforcer {
    /// The size of the file in bytes.
    fileprivate var size: Int {
        get throws { Int(try CompressedFile.status(of: file).st_size) }
    }
}
