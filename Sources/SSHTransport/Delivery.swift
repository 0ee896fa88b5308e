import Vocabulary
import Foundation

/// How far an upload is.
public struct UploadProgress: Sendable, Equatable {
    /// Bytes that are on their way.
    public var sent: Int
    /// Bytes to send, compressed where the machine has gzip.
    public var total: Int
}

extension Connection {
    /// Runs the enforcer on the machine as root. Uploads it first where the machine does not have it.
    ///
    /// - Parameters:
    ///   - enforcer: Gives the enforcer for a processor. It is asked for the expected one first, and again where the machine turns out
    ///     to have another.
    ///   - expected: The processor that the machine is taken to have until it has told.
    ///   - arguments: Its arguments; `--mark TOKEN` follows them. Its first line has to be `propel:TOKEN:ready`.
    ///   - become: How to become root; not used where the login user is root.
    ///   - directory: Where the machine keeps its enforcers.
    ///   - progress: Called while an upload goes on.
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

    /// Installs an enforcer. Where the copy that arrived is not the right one, nothing is installed, and it is tried once more.
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
            if case .send(let gzip) = mark {
                do {
                    try await send(gzip ? compressed : raw, to: shell, progress: progress)
                } catch TransportError.channelClosed {
                    // The script has ended early, and has told why.
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
            default: throw TransportError.uploadFailed(host: host, reason: said.isEmpty ? "the machine ended it" : said)
            }
        }
        throw TransportError.uploadFailed(host: host, reason: "what arrived is not what \(enforcer.sha256) stands for")
    }

    private func send(_ data: Data, to shell: RootShell, progress: @Sendable (UploadProgress) -> Void) async throws {
        var sent = 0
        progress(UploadProgress(sent: 0, total: data.count))
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
