import Vocabulary
import Foundation

/// The progress of an upload.
public struct UploadProgress: Sendable, Equatable {
    /// Bytes that have been handed to the connection.
    public var sent: Int
    /// Bytes to send, compressed where the machine has gzip.
    public var total: Int
}

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
    ///   - progress: called during an upload.
    public func start(
        enforcer: @Sendable (Architecture) async throws -> Enforcer,
        expecting expected: Architecture = .x86_64,
        arguments: [String],
        become: Become = .unneeded,
        directory: String = Enforcer.directory,
        progress: @Sendable (UploadProgress) -> Void = { _ in }
    ) async throws -> RemoteRun {
        var architecture = self.architecture ?? expected
        var chosen = try await enforcer(architecture)
        var isUploaded = false
        while true {
            try chosen.validate()
            let (shell, mark) = try await RootShell.start(
                Scripts.start, ([directory, chosen.sha256], arguments), on: self, become: become)
            switch mark {
            case .ready:
                self.architecture = architecture
                return RemoteRun(shell, enforcer: chosen)
            case .missing(let machine):
                await shell.close()
                guard let actual = Architecture(machine: machine) else {
                    throw TransportError.unsupportedArchitecture(host: host, machine: machine)
                }
                if actual != architecture {
                    architecture = actual
                    chosen = try await enforcer(actual)
                    continue
                }
                guard !isUploaded else {
                    throw TransportError.enforcerNotExecutable(host: host, path: directory + "/" + chosen.sha256)
                }
                try await upload(chosen, to: directory, become: become, progress: progress)
                isUploaded = true
            default: throw TransportError.startFailed(host: host, status: nil, output: "\(mark)")
            }
        }
    }

    /// Installs an enforcer. An upload that was cut goes on where it stopped. A copy that arrived damaged is not
    /// installed, and sent once more.
    private func upload(
        _ enforcer: Enforcer, to directory: String, become: Become, progress: @Sendable (UploadProgress) -> Void
    ) async throws {
        for attempt in 1...2 {
            let raw = try Data(reading: enforcer.file)
            let compressed = try await CompressedFile.of(enforcer.file, remake: attempt > 1)
            let (shell, mark) = try await RootShell.start(
                Scripts.install, ([directory, enforcer.sha256], [String(raw.count), String(compressed.count)]),
                on: self, become: become)
            var outcome: Mark? = mark
            if case .send(let gzip, let count) = mark {
                let data = gzip ? compressed : raw
                guard 0...data.count ~= count else {
                    throw TransportError.uploadFailed(host: host, reason: "\(count) bytes are there already")
                }
                do {
                    try await send(data, from: count, to: shell, progress: progress)
                } catch TransportError.channelClosed {
                    // The script exited early; its mark says why.
                }
                outcome = try await shell.nextMark()
            }
            let said = await shell.errorOutput
            await shell.close()
            switch outcome {
            case .installed: return
            case .corrupt: continue
            case .noSpace: throw TransportError.noSpace(host: host, directory: directory, needed: raw.count)
            case .failed(let reason): throw TransportError.uploadFailed(host: host, reason: reason)
            default:
                throw TransportError.uploadFailed(
                    host: host, reason: said.isEmpty ? "the script ended without a result" : said)
            }
        }
        throw TransportError.uploadFailed(
            host: host, reason: "the received file does not have the SHA-256 \(enforcer.sha256)")
    }

    /// - Parameter start: the number of bytes that have arrived already.
    private func send(
        _ data: Data, from start: Int, to shell: RootShell, progress: @Sendable (UploadProgress) -> Void
    ) async throws {
        var sent = start
        progress(UploadProgress(sent: sent, total: data.count))
        while sent < data.count {
            let chunk = data[sent..<min(sent + 1 << 16, data.count)]
            try await shell.write(Array(chunk))
            sent += chunk.count
            progress(UploadProgress(sent: sent, total: data.count))
        }
    }
}

extension Data {
    fileprivate init(reading file: String) throws {
        do {
            self = try Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe)
        } catch {
            throw TransportError.enforcerUnusable(file: file, reason: error.localizedDescription)
        }
    }
}
