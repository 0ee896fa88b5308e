import PropelTesting
import Testing

@testable import Propel

@Suite struct HostDependentTests {
    private struct Listener: Property {
        typealias Target = UnixLike
        let port: Port
        var name: String { "listener on \(port)" }
        var ports: [Port] { [port] }
        func check(on machine: Machine) async throws -> Check { .satisfied }
        func apply(on machine: Machine) async throws {}
    }

    private struct Watcher: HostDependent {
        typealias Target = UnixLike
        var seen: [Port] = []
        var name: String { "watcher" }
        var claims: [Claim] { [Claim("what is watched", is: "\(seen)")] }
        func adapted(to steps: [Step]) -> Watcher { Watcher(seen: steps.flatMap(\.property.ports)) }
        func check(on machine: Machine) async throws -> Check { .satisfied }
        func apply(on machine: Machine) async throws {}
    }

    @Test func `a property sees what is declared before and after it`() throws {
        let host = Host("x", runs: Debian.self) {
            Listener(port: 80)
            Watcher()
            Listener(port: 443)
        }
        #expect((host.steps[1].property as? Watcher)?.seen == [80, 443])
        #expect(host.steps[1].claims.map(\.state) == ["[80/tcp, 443/tcp]"])
    }

    @Test func `declared twice it is one property`() {
        let host = Host("x", runs: Debian.self) {
            Watcher()
            Listener(port: 80)
            Watcher()
        }
        #expect(host.steps.count == 2)
        #expect(host.conflicts.isEmpty)
    }
}
