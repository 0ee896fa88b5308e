import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// The kinds of networks, and the addresses in them.
@Suite(.recorded) struct StackAddressesTests {
    private func problems(_ stack: Stack) -> [String] {
        stack.problems.map { $0.replacing("the stack \(stack.name): ", with: "") }
    }

    @Test func `addresses, aliases, drivers and options are written`() throws {
        let stack = Stack("s") {
            Network(
                "lan", driver: .macvlan(parent: "eth0"),
                subnets: [Subnet("192.0.2.0/24", gateway: "192.0.2.1", range: "192.0.2.128/25"), "2001:db8::/64"],
                ipv6: true)
            Network("bridged", options: ["com.docker.network.bridge.name": "br-$x"])
            Network(named: "Proxy.net", as: "proxy")
            Container("a", image: "i") {
                JoinsNetwork("lan", address: "192.0.2.7", ipv6Address: "2001:db8::7", aliases: ["database"])
                JoinsNetwork("bridged")
                JoinsNetwork("proxy", address: "192.0.2.9")
            }
        }
        #expect(problems(stack).isEmpty)
        let keys = stack.networks(of: stack.containers[0])
        #expect(keys[0].hasPrefix("lan.") && keys[0].utf8.count == 12 && keys[1].hasPrefix("bridged."))
        #expect(
            stack.composeText.hasSuffix(
                """
                    networks:
                      \(keys[0]):
                        aliases:
                          - database
                        ipv4_address: "192.0.2.7"
                        ipv6_address: "2001:db8::7"
                      \(keys[1]): {}
                      proxy.shared:
                        ipv4_address: "192.0.2.9"
                networks:
                  \(keys[0]):
                    driver: macvlan
                    driver_opts:
                      parent: eth0
                    enable_ipv6: true
                    ipam:
                      config:
                        - subnet: "192.0.2.0/24"
                          gateway: "192.0.2.1"
                          ip_range: "192.0.2.128/25"
                        - subnet: "2001:db8::/64"
                  \(keys[1]):
                    driver_opts:
                      com.docker.network.bridge.name: "br-$$x"
                  proxy.shared:
                    name: Proxy.net
                    external: true

                """))
        #expect(Network("n", subnets: ["192.0.2.0/24"]).key != Network("n", subnets: ["192.0.2.0/25"]).key)
        #expect(Network("n").key == "n" && Network("n", isInternal: true).key == "n.internal")
    }

    @Test func `a container has an interface, a priority and a MAC address in a network`() {
        let stack = Stack("s") {
            Network("a")
            Network("b", labels: ["com.example.zone": "inner"])
            Container("x", image: "i") {
                JoinsNetwork("a", interface: "eth7", priority: 100, gatewayPriority: 1)
                JoinsNetwork("b", macAddress: "02:42:ac:11:65:43")
            }
        }
        #expect(problems(stack).isEmpty)
        let key = stack.networks(of: stack.containers[0])[1]
        #expect(key.hasPrefix("b."))
        #expect(
            stack.composeText.hasSuffix(
                """
                    networks:
                      a:
                        interface_name: eth7
                        priority: 100
                        gw_priority: 1
                      \(key):
                        mac_address: "02:42:ac:11:65:43"
                networks:
                  a: {}
                  \(key):
                    labels:
                      com.example.zone: inner

                """), "\(stack.composeText)")
        #expect(stack.keysUnknownBefore2.map(\.key) == ["interface_name", "gw_priority", "mac_address"])
        let wrong = Stack("s") {
            Network("a")
            Container("x", image: "i") { JoinsNetwork("a", interface: "a/b", macAddress: "02:42") }
        }
        #expect(
            problems(wrong) == [
                "the container x has a problem: JoinsNetwork: invalid interface “a/b”: use at most 15 characters "
                    + "without a blank and “/”",
                "the container x has a problem: JoinsNetwork: invalid MAC address “02:42”: use one such as "
                    + "02:42:ac:11:65:43",
            ])
    }

    @Test func `a network that stacks share is created as one of them says`() async throws {
        let stack = Stack("s") {
            Network(
                named: "lan_net", as: "lan", isInternal: true,
                subnets: [
                    Subnet("192.0.2.0/24", gateway: "192.0.2.1", reserved: ["printer": "192.0.2.5"]),
                    "fd12:3456:789a::/64",
                ], ipv6: true, options: ["com.docker.network.bridge.name": "lan0"], labels: ["zone": "inner"])
            Network(named: "wire", driver: .macvlan(parent: "eth0"))
            Container("a", image: "i") { JoinsNetwork("lan", address: "192.0.2.7") }
        }
        #expect(problems(stack).isEmpty)
        #expect(stack.composeText.contains("  lan.shared:\n    name: lan_net\n    external: true\n"))
        let fake = FakeMachine(), docker = FakeDocker(on: fake)
        for network in stack.networks.compactMap(\.dockerNetwork) { try await fake.obeysLaw(network) }
        #expect(docker.state.withLock { $0.networks["lan_net"] } != nil)
        #expect(
            fake.commands.log.filter { $0.hasPrefix("docker network create") } == [
                "docker network create --internal --ipv6 --subnet 192.0.2.0/24 --gateway 192.0.2.1 --aux-address "
                    + "printer=192.0.2.5 --subnet fd12:3456:789a::/64 --opt com.docker.network.bridge.name=lan0 "
                    + "--label zone=inner lan_net",
                "docker network create --driver macvlan --opt parent=eth0 wire",
            ])
        let wrong = Stack("s") {
            Network(named: "n", subnets: [Subnet("192.0.2.0/24", reserved: ["printer": "198.51.100.1"])])
            Container("a", image: "i") { JoinsNetwork("n") }
        }
        #expect(
            problems(wrong) == ["the reserved address “198.51.100.1” of printer is not in 192.0.2.0/24"])
    }

    @Test func `addresses that do not fit are problems`() {
        let stack = Stack("s") {
            Network("a", subnets: ["192.0.2.1/24", Subnet("198.51.100.0/24", gateway: "192.0.2.1")])
            Network("b", subnets: ["203.0.113.0/24"], ipv6: true)
            Network("c", driver: .macvlan(parent: ""), subnets: ["203.0.113.128/25"])
            Container("x", image: "i") {
                JoinsNetwork("b", address: "192.0.2.7", aliases: ["a b"])
                JoinsNetwork("c", address: "2001:db8::1")
            }
            Container("y", image: "i") { JoinsNetwork("b", address: "203.0.113.7") }
            Container("z", image: "i") { JoinsNetwork("b", address: "203.0.113.7") }
        }
        #expect(
            problems(stack) == [
                "the container x has the invalid alias “a b”: use letters, digits, “-”, “_” and “.”",
                "the container x has the address 192.0.2.7 in b, whose subnets do not have it: give "
                    + "Network(\"b\", subnets: …) the one that it is in",
                "the container x has the invalid IPv4 address “2001:db8::1” in c",
                "invalid subnet “192.0.2.1/24”: use one such as 192.0.2.0/24, which begins at its first address",
                "the gateway “192.0.2.1” is not in 198.51.100.0/24",
                "the network b has no subnet of IPv6, which docker needs before version 27: add one, such as "
                    + "fd00:\(SHA256.hash(Array("b".utf8)).prefix(4))::/64",
                "the network c has no parent: name an interface, such as eth0",
                "subnets of the networks b and c overlap", "two containers have the address 203.0.113.7 in b",
            ])
    }

    @Test func `stacks share a network by its name, and no subnet`() {
        func conflicts(_ network: Network, _ other: Network) -> [String] {
            Host("x", runs: Debian.self) {
                Stack("one") {
                    Container("a", image: "i") { JoinsNetwork("n") }
                    network
                }
                Stack("two") {
                    Container("b", image: "i") { JoinsNetwork("n") }
                    other
                }
            }.conflicts.map(\.subject)
        }
        #expect(conflicts(Network(named: "web", as: "n"), Network(named: "web", as: "n")).isEmpty)
        let wide = Network(named: "web", as: "n", subnets: ["192.0.2.0/24"])
        #expect(conflicts(wide, Network(named: "web", as: "n")).isEmpty && conflicts(wide, wide).isEmpty)
        #expect(
            conflicts(wide, Network(named: "web", as: "n", subnets: ["192.0.2.0/25"])) == [
                "the settings of the docker network web"
            ])
        #expect(conflicts(wide, Network("n", subnets: ["192.0.2.0/24"])) == ["the subnet 192.0.2.0/24"])
        #expect(conflicts(Network(named: "two_n", as: "n"), Network("n")) == ["the docker network two_n"])
        #expect(
            conflicts(Network("n", subnets: ["192.0.2.0/24"]), Network("n", subnets: ["192.0.2.0/24"])) == [
                "the subnet 192.0.2.0/24"
            ])
    }
}
