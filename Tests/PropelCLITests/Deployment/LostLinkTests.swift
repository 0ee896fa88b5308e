import Propel
import SSHTransport
import Synchronization
import Testing

@testable import PropelCLI

/// What is told of a lost connection, and how the wait for a machine ends.
@Suite struct LostLinkTests {
    private let lost = TransportError.linkLost(host: "a", reason: "nothing was heard for 14 seconds")
    private let away = TransportError.unreachable(
        host: "a", attempts: [ConnectionAttempt(address: "192.0.2.1:22", reason: "No route to host")])

    /// The warnings that a link gives, as they are printed.
    private final class Warnings: Sendable {
        private let lines = Mutex<[String]>([])
        var told: [String] { lines.withLock { $0 } }
        func add(_ progress: HostRun.Progress) {
            if case .warning(let text) = progress { lines.withLock { $0.append(text) } }
        }
    }

    private let start = ContinuousClock.now

    private func newLink(_ limit: Duration, _ warnings: Warnings = Warnings()) -> LostLink {
        LostLink(to: "a", limit: limit, now: start) { warnings.add($0) }
    }

    @Test func `each loss is told once, however often it is tried to connect again`() throws {
        let warnings = Warnings()
        var link = newLink(.minutes(10), warnings)
        #expect(try link.lose(lost, hasAdvanced: true, now: start) == 1)
        #expect(try link.lose(away, hasAdvanced: false, now: start) == 2)
        #expect(try link.lose(away, hasAdvanced: false, now: start) == 4)
        #expect(
            warnings.told == [
                "the connection was lost: nothing was heard for 14 seconds; connecting again, for at most 10 minutes"
            ])
        #expect(try link.lose(lost, hasAdvanced: true, now: start) == 1, "the machine was there in between")
        #expect(warnings.told.count == 2)
    }

    @Test func `a machine that is not waited for ends with the loss itself`() {
        var link = newLink(.zero)
        #expect(throws: lost) { try link.lose(lost, hasAdvanced: true, now: start) }
    }

    @Test func `the end of the wait tells how the link was lost, and why it cannot be restored`() throws {
        var link = newLink(.minutes(1))
        #expect(try link.lose(lost, hasAdvanced: true, now: start) == 1)
        let error = try #require(throws: TransportError.self) {
            try link.lose(away, hasAdvanced: false, now: start + .minutes(1))
        }
        #expect(
            error.message.hasPrefix(
                "a: the connection was lost: nothing was heard for 14 seconds, and the machine was not reached"),
            "\(error.message)")
        #expect(error.message.contains("No route to host") && error.isUnreachable)
    }

    @Test func `of two hosts, the one whose link was lost is named`() throws {
        let warnings = Warnings()
        var link = LostLink(to: nil, limit: .minutes(1), now: start) { warnings.add($0) }
        #expect(try link.lose(lost, hasAdvanced: true, now: start) == 1)
        #expect(warnings.told.allSatisfy { $0.hasPrefix("a: the connection was lost") } && warnings.told.count == 1)
        let other = TransportError.unreachable(host: "b", attempts: [])
        let error = try #require(throws: TransportError.self) {
            try link.lose(other, hasAdvanced: false, now: start + .minutes(1))
        }
        #expect(error.message.hasPrefix("a: the connection was lost: nothing was heard"), "\(error.message)")
        #expect(error.message.contains("b: cannot connect"), "\(error.message)")
    }
}
