import Testing

@testable import Properties

/// Ports of the machine that docker chooses.
@Suite struct PublishOnFreePortTests {
    private func stack(@ContainerBuilder _ parts: () -> [any ContainerPart]) -> Stack {
        Stack("s") { Container("a", image: "i", parts) }
    }

    private func problems(@ContainerBuilder _ parts: () -> [any ContainerPart]) -> [String] {
        stack(parts).problems.map { $0.replacing("the stack s: the container a ", with: "") }
    }

    @Test func `docker chooses the port of the machine`() {
        let stack = stack {
            Publish(8080, to: 80)
            PublishOnFreePort(80)
            PublishOnFreePort(Port(53, transport: "udp"), on: "127.0.0.1")
            PublishOnFreePort(81, on: "::1")
            PublishOnFreePort(Port(82, transport: "udp"), of: 5000...5010)
            PublishOnFreePort(83, of: 6000...6001, on: "127.0.0.1")
        }
        #expect(stack.problems.isEmpty)
        #expect(
            stack.composeText.contains(
                """
                    ports:
                      - "8080:80"
                      - "80"
                      - "127.0.0.1::53/udp"
                      - "[::1]::81"
                      - "5000-5010:82/udp"
                      - "127.0.0.1:6000-6001:83"

                """), "\(stack.composeText)")
        // Nobody knows which they are.
        #expect(StackDeployment(stack: stack).ports == [8080])
    }

    @Test func `a port that cannot be is a problem`() {
        #expect(
            problems {
                PublishOnFreePort(0)
                PublishOnFreePort(80, on: "localhost")
            } == [
                "has a problem: PublishOnFreePort: there is no port 0: use 1 to 65535",
                "has a problem: PublishOnFreePort: invalid address “localhost”: use an IPv4 or IPv6 address such as "
                    + "127.0.0.1 or ::1",
            ])
        #expect(
            problems {
                HostNetwork()
                PublishOnFreePort(80)
            } == [
                "publishes on a port that docker chooses, but has the network of the machine: Publish says on which "
                    + "its program listens"
            ])
        #expect(
            problems {
                NoNetwork()
                PublishOnFreePort(80)
            } == ["publishes ports, but has no network: leave one of them out"])
    }

    @Test func `one in an internal network that publishes on a free port goes on doing so`() {
        let stack = Stack("s") {
            Network("inside", isInternal: true)
            Container("page", image: "i")
            Container("mirror", image: "i") {
                JoinsNetwork("inside")
                DependsOn("page")
                PublishOnFreePort(80)
            }
        }
        #expect(stack.networks(of: stack.containers[1]) == ["inside.internal", "page"])
    }
}
