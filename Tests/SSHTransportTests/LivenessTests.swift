import Foundation
import Testing
import Vocabulary

@testable import SSHTransport

@Suite struct LivenessTests {
    /// The tick at which a link counts as lost; nil if it is alive after 200 ticks.
    private func lost(_ sample: (UInt64) -> Liveness.Sample) -> UInt64? {
        var liveness = Liveness()
        return (1...200).first { liveness.tick(sample($0)) != nil }
    }

    @Test func `bytes in either direction are signs of life`() {
        #expect(lost { Liveness.Sample(received: $0) } == nil)
        #expect(lost { Liveness.Sample(delivered: $0, isQueued: true) } == nil)
        #expect(lost { Liveness.Sample(delivered: $0, isQueued: true, isSilent: true) } == nil)
    }

    @Test func `four ticks of silence are a lost link, within 15 seconds`() {
        #expect(lost { _ in Liveness.Sample() } == 4)
        #expect(lost { _ in Liveness.Sample(isQueued: true, isSilent: true) } == 4)
        #expect(lost { Liveness.Sample(received: min($0, 4)) } == 8)
        // The last sign of life may have come right after a tick.
        #expect(Liveness().interval * (Liveness.limit + 1) <= .seconds(15))
    }

    @Test func `a closed window whose probes are acknowledged is alive for five minutes`() {
        #expect(lost { _ in Liveness.Sample(isQueued: true) } == 100)
    }

    @Test func `a time is counted in ticks`() {
        var keepalive = Keepalive(liveness: Liveness())
        #expect(keepalive.tick(after: .seconds(60)) == 21)
        keepalive.ticks = 5
        #expect(keepalive.tick(after: .seconds(1)) == 7)
    }

    @Test func `the kernel does not cut a connection by itself while the peer acknowledges`() async throws {
        let listener = Listener()
        let client = Client()
        try await client.connect(to: listener.port)
        #expect(await client.userTimeout == 0)
        withExtendedLifetime(listener) {}
    }
}

/// Opens a transport on the thread of a session, as `Connection` does. On any other, the thread would take the wakes
/// that the opening waits for.
private actor Client {
    private let thread = SessionThread(name: "test")
    private var transport: Transport?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    isolated deinit {
        if let transport { close(transport.descriptor) }
        thread.stop()
    }

    func connect(to port: Int) throws {
        let configuration = try ClientConfiguration(
            alias: "box", parsing: "hostname 127.0.0.1\nport \(port)\nuser ada\n")
        var limit = TimeLimit(.seconds(600))
        transport = try Transport.open(
            configuration, configurationFile: nil, resolver: SystemResolver(), until: &limit,
            timeout: .seconds(600), cancellation: Cancellation(thread: thread))
    }

    /// In milliseconds; 0 is the kernel's default (tcp(7)).
    var userTimeout: Int32 {
        var timeout: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(transport?.descriptor ?? -1, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &timeout, &length)
        return timeout
    }
}
