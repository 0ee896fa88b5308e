import Foundation
import Synchronization
import Testing

@testable import SSHTransport

/// The forms of a whole enforcer that this computer can make.
private let forms: [Compression?] = Compression.allCases.filter(\.isHere).map(Optional.some) + [nil]

extension Server {
    /// Starts the script that installs an enforcer, up to its first mark.
    fileprivate func startInstallation(of enforcer: Enforcer, _ payload: Payload) async throws -> (RootShell, Mark) {
        try await RootShell.start(
            Scripts.install, ([target, enforcer.sha256], payload.arguments), on: try await connect(),
            become: .unneeded)
    }

    /// Sends the beginning of a payload of which nothing is there: an upload that is cut.
    func cutUpload(of enforcer: Enforcer, _ payload: Payload, after count: Int) async throws {
        let (script, mark) = try await startInstallation(of: enforcer, payload)
        #expect(mark == .send(from: 0))
        try await script.write(Array(payload.data.prefix(count)))
        try await script.finishWriting()
        #expect(try await script.nextMark() == nil)
        await script.close()
        #expect(try !shell("ls \(target)").contains(enforcer.sha256))
    }
}

extension Payload {
    /// The name of a part of it on the machine.
    func part(of enforcer: Enforcer) -> String { ".\(enforcer.sha256).\(data.count).\(checksum).1f.part" }
}

extension WithServer {
    /// A machine that has a part of an upload.
    @Suite struct CutDelivery {
        /// An enforcer of 27 kB, another one each time.
        private func makeEnforcer(_ server: Server) throws -> Enforcer {
            try server.enforcer("echo done; exit; \(try shell("head -c 20000 /dev/urandom | base64 -w 0"))")
        }

        /// Starts an enforcer.
        /// - Returns: what it prints, and the steps of the upload.
        private func start(
            _ enforcer: Enforcer, on server: Server
        ) async throws -> (lines: [String], steps: [UploadProgress]) {
            let steps = Mutex<[UploadProgress]>([])
            let connection = try await server.connect()
            let run = try await connection.start(
                enforcer: { _ in enforcer }, arguments: [], become: .unneeded, directory: server.target,
                progress: { step in steps.withLock { $0.append(step) } })
            return (try await run.allLines(), steps.withLock { $0 })
        }

        @Test(arguments: forms) func `an upload goes on where it stopped, whatever compresses it`(
            _ compression: Compression?
        ) async throws {
            let server = try Server(), enforcer = try makeEnforcer(server)
            let payload = try await Payloads.shared.whole(enforcer, compression, remake: false)
            let half = payload.data.count / 2
            try await server.cutUpload(of: enforcer, payload, after: half)
            let (script, mark) = try await server.startInstallation(of: enforcer, payload)
            #expect(mark == .send(from: half))
            try await script.write(Array(payload.data.dropFirst(half)))
            #expect(try await script.nextMark() == .installed)
            await script.close()
            try shell("cmp \(enforcer.file) \(server.target)/\(enforcer.sha256)")
            #expect(try shell("ls -A \(server.target)") == enforcer.sha256)
        }

        @Test func `a later run goes on where an upload stopped`() async throws {
            let server = try Server(), enforcer = try makeEnforcer(server)
            let payload = try await Payloads.shared.whole(enforcer, .best, remake: false)
            try await server.cutUpload(of: enforcer, payload, after: 5000)
            let (lines, steps) = try await start(enforcer, on: server)
            #expect(lines == ["done"])
            let size = payload.data.count
            #expect(steps == [5000, size].map { UploadProgress(start: 5000, sent: $0, total: size) })
        }

        /// Another version of xz makes other bytes, perhaps of the same size.
        @Test func `a part of another payload is not continued`() async throws {
            let server = try Server(), enforcer = try makeEnforcer(server)
            let size = try await Payloads.shared.whole(enforcer, .best, remake: false).data.count
            try await server.cutUpload(of: enforcer, Payload(Data(count: size), compression: .best), after: 5000)
            try await server.cutUpload(of: enforcer, Payload(Data(count: size - 1), compression: .best), after: 6000)
            let (lines, steps) = try await start(enforcer, on: server)
            #expect(lines == ["done"])
            #expect(steps.map(\.sent) == [0, size])
            #expect(try shell("ls -A \(server.target)") == enforcer.sha256, "no part is left")
        }

        @Test func `a damaged part costs one more upload, from its beginning`() async throws {
            let server = try Server(), enforcer = try makeEnforcer(server)
            let payload = try await Payloads.shared.whole(enforcer, .best, remake: false)
            try shell(
                "mkdir -p \(server.target) && head -c 60 /dev/zero >\(server.target)/\(payload.part(of: enforcer))")
            let (lines, steps) = try await start(enforcer, on: server)
            #expect(lines == ["done"])
            #expect(steps.map(\.sent) == [60, payload.data.count, 0, payload.data.count])
            #expect(try shell("ls -A \(server.target)") == enforcer.sha256)
        }
    }
}
