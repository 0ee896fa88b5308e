import Testing

@testable import Properties

/// The kinds of networks, and the addresses in them.
@Suite struct StackAddressesTests {
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
        #expect(conflicts(Network(named: "two_n", as: "n"), Network("n")) == ["the docker network two_n"])
        #expect(
            conflicts(Network("n", subnets: ["192.0.2.0/24"]), Network("n", subnets: ["192.0.2.0/24"])) == [
                "the subnet 192.0.2.0/24"
            ])
    }
}
