import Testing

@testable import Properties

/// What is refused before anything runs, with words that say what to correct.
@Suite struct StackProblemsTests {
    private func expect(_ problems: String..., in stack: Stack, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(stack.problems == problems.map { "the stack \(stack.name): \($0)" }, sourceLocation: sourceLocation)
    }

    @Test func namesThatDoNotExist() {
        expect(
            "the container app joins the network back, which the stack does not have",
            "the container app depends on databse, which the stack does not have",
            in: Stack("shop") {
                Container("app", image: "a") {
                    DependsOn("databse")
                    JoinsNetwork("back")
                }
                Container("database", image: "d")
            })
    }

    @Test func aPortThatIsUsedTwice() {
        expect(
            "the port 80/tcp of the machine is a’s and b’s",
            in: Stack("shop") {
                Container("a", image: "i") { Publish(80) }
                Container("b", image: "i") { Publish(80, to: 8080, on: "127.0.0.1") }
                Container("c", image: "i") { Publish(Port(80, transport: "udp")) }
            })
        expect(
            in: Stack("shop") {
                Container("a", image: "i") { Publish(80, on: "127.0.0.1") }
                Container("b", image: "i") { Publish(80, on: "192.0.2.1") }
            })
    }

    @Test func thosePortsOfOtherPropertiesToo() {
        let host = Host("x", runs: Debian.self) {
            Service("nginx", ports: [80])
            Stack("shop") { Container("a", image: "i") { Publish(80) } }
        }
        #expect(host.conflicts.map(\.subject) == ["the port 80/tcp"])
    }

    @Test func aCircle() {
        expect(
            "its containers wait for each other: b → c → d → b",
            in: Stack("shop") {
                Container("a", image: "i") { DependsOn("b") }
                Container("b", image: "i") { DependsOn("c") }
                Container("c", image: "i") { DependsOn("d") }
                Container("d", image: "i") { DependsOn("b") }
            })
        expect(
            "its containers wait for each other: a → a",
            in: Stack("shop") { Container("a", image: "i") { DependsOn("a") } })
        expect(
            in: Stack("shop") {
                Container("a", image: "i") {
                    DependsOn("b")
                    DependsOn("c")
                }
                Container("b", image: "i") { DependsOn("c") }
                Container("c", image: "i")
            })
    }

    @Test func volumes() {
        expect(
            "the volume data is to be backed up in two ways", "nobody may write the volume logs",
            in: Stack("shop") {
                Container("a", image: "i") {
                    Volume("data", at: "/data", backup: .archive(while: .paused))
                    Volume("logs", at: "/logs", isReadOnly: true)
                }
                Container("b", image: "i") { Volume("data", at: "/data", backup: .none) }
            })
        expect(
            "the container a has two things mounted at /data",
            in: Stack("shop") {
                Container("a", image: "i") {
                    Volume("data", at: "/data")
                    ConfigurationFile("/data", "")
                }
            })
    }

    @Test func whatIsTheStacksOwn() {
        expect(
            "the container a is built from /srv/shop/src, and the stack’s own files are in /srv/shop: keep them apart",
            "the container b is built from /srv, and the stack’s own files are in /srv/shop: keep them apart",
            "the container c has /srv/shop/files mounted, and what is in /srv/shop is the stack’s own: give it a ConfigurationFile, or a Volume",
            in: Stack("shop") {
                Container("a", image: "a", origin: .directory("/srv/shop/src"))
                Container("b", image: "b", origin: .directory("/srv"))
                Container("c", image: "c", origin: .directory("/srv/shop-source")) {
                    BindMount("/srv/shop/files")
                    BindMount("/srv/shop-uploads")
                    BindMount("/srv", at: "/host")
                }
            })
    }

    @Test func oneNameForTwoImages() {
        expect(
            "the image app:1 is pulled for a, and built from /srv/src for c: give one of them another name",
            in: Stack("shop") {
                Container("a", image: "app", tag: "1")
                Container("b", image: "app", tag: "1")
                Container("c", image: "app:1", origin: .directory("/srv/src"))
                Container("d", image: "app", tag: "2", origin: .archive("/srv/app.tar"))
                Container("e", image: "app", tag: "2", origin: .archive("/srv/app.tar"))
            })
    }

    @Test func whatIsNamedTwice() {
        expect(
            "the container a joins the network n twice", "the container a depends on b twice",
            in: Stack("shop") {
                Container("a", image: "i") {
                    DependsOn("b")
                    DependsOn("b")
                    JoinsNetwork("n")
                    JoinsNetwork("n")
                }
                Container("b", image: "i")
                Network("n")
            })
    }

    @Test(arguments: ["localhost", "127.0.0.1:80", "[::1]", "127.0.0", "300.0.0.1", "", "fe80::1%eth0", "*"])
    func anAddressThatIsNone(_ address: String) {
        expect(
            "the container a is to be reached on “\(address)”, which is no address: write 127.0.0.1 or ::1, without a name, a port or brackets",
            in: Stack("shop") { Container("a", image: "i") { Publish(80, on: address) } })
    }

    @Test(arguments: ["127.0.0.1", "0.0.0.0", "::1", "2001:db8::2", "::ffff:192.0.2.1"])
    func anAddress(_ address: String) {
        expect(in: Stack("shop") { Container("a", image: "i") { Publish(80, on: address) } })
    }

    @Test func twoStacksThatMeanTheSame() {
        func host(_ first: Stack, _ second: Stack) -> [String] {
            Host("x", runs: Debian.self) {
                first
                second
            }.conflicts.map(\.subject)
        }
        func stack(
            _ name: String, _ container: String, volume: String? = nil, network: String? = nil,
            directory: FilePath? = nil
        ) -> Stack {
            Stack(name, directory: directory) {
                Container(container, image: "i") { if let volume { Volume(volume, at: "/data") } }
                if let network { Network(network) }
            }
        }
        #expect(host(stack("a_b", "x", volume: "c"), stack("a", "y", volume: "b_c")) == ["the docker volume a_b_c"])
        #expect(host(stack("a_b", "x", network: "c"), stack("a", "y", network: "b_c")) == ["the docker network a_b_c"])
        #expect(host(stack("a_b", "c"), stack("a", "b_c")) == ["the docker container a_b_c"])
        #expect(host(stack("a-b", "c"), stack("a", "b-c")) == ["the docker container a-b-c"])
        #expect(
            host(stack("a", "x", directory: "/srv/one"), stack("b", "x", directory: "/srv/one")) == [
                "the path /srv/one"
            ])
        #expect(host(stack("a", "x", volume: "c", network: "n"), stack("b", "x", volume: "c", network: "n")).isEmpty)
    }

    @Test func whatCannotBe() {
        expect("it has no container", in: Stack("shop") { Network("n") })
        expect(
            "“Shop” is no name of a stack: it has small letters, digits, - and _, and begins with a letter or a digit",
            "“-a” is no name of a container: it has small letters, digits, - and _, and begins with a letter or a digit",
            "the container -a has a variable “A B”: a name has letters, digits and _, and begins with no digit",
            "the container -a has “etc/a” mounted: write a path from the root on",
            "the container -a has no image that can be: “a b:latest”",
            "the container -a has a limit with which nothing runs: 6 MiB of memory, some of a processor and a process are the least",
            in: Stack("Shop", directory: "/srv/shop") {
                Container("-a", image: "a b") {
                    Environment("A B", "")
                    ConfigurationFile("etc/a", "")
                    ResourceLimits(memory: .mebibytes(1))
                }
            })
        expect(
            "there are two containers a",
            in: Stack("shop") {
                Container("a", image: "i")
                Container("a", image: "i")
            })
        expect(
            "“/” is no directory of its own for it, such as /srv/shop",
            in: Stack("shop", directory: "/") { Container("a", image: "i") })
    }

    @Test func theyStopEverything() {
        let host = Host("x", runs: Debian.self) { Stack("shop") { Network("n") } }
        #expect(host.problems.count == 1)
        #expect(host.problems.first?.hasSuffix(": the stack shop: it has no container") == true)
    }
}
