import Foundation
import Testing

@testable import SSHTransport

@Suite struct LivenessTests {
    /// The tick at which a link counts as lost; nil if it is alive after 100 ticks.
    private func lost(_ sample: (UInt64) -> Liveness.Sample) -> UInt64? {
        var liveness = Liveness()
        return (1...100).first { liveness.tick(sample($0)) != nil }
    }

    @Test func `bytes in either direction are signs of life`() {
        #expect(lost { Liveness.Sample(received: $0) } == nil)
        #expect(lost { Liveness.Sample(delivered: $0, isQueued: true) } == nil)
        #expect(lost { Liveness.Sample(delivered: $0, isQueued: true, isSilent: true) } == nil)
    }

    @Test func `three ticks of silence are a lost link`() {
        #expect(lost { _ in Liveness.Sample() } == 3)
        #expect(lost { _ in Liveness.Sample(isQueued: true, isSilent: true) } == 3)
        #expect(lost { Liveness.Sample(received: min($0, 4)) } == 7)
    }

    @Test func `a closed window whose probes are acknowledged is alive for five minutes`() {
        #expect(lost { _ in Liveness.Sample(isQueued: true) } == 60)
    }

    @Test func `the kernel does not cut a connection by itself while the peer acknowledges`() throws {
        let listener = Listener()
        let thread = SessionThread(name: "test")
        defer { thread.stop() }
        let configuration = try ClientConfiguration(
            alias: "box", parsing: "hostname 127.0.0.1\nport \(listener.port)\nuser ada\n")
        let transport = try Transport.open(
            configuration, configurationFile: nil, resolver: SystemResolver(), until: .now + .seconds(10),
            timeout: .seconds(10), cancellation: Cancellation(thread: thread))
        defer { close(transport.descriptor) }
        var timeout: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(transport.descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &timeout, &length)
        #expect(timeout == 0)
    }
}
