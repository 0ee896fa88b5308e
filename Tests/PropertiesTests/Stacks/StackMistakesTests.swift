import Testing

@testable import Properties

/// What is refused before anything runs, with words that say what to correct.
@Suite struct StackMistakesTests {
    private func expect(_ mistakes: String..., in stack: Stack, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(stack.mistakes == mistakes.map { "the stack \(stack.name): \($0)" }, sourceLocation: sourceLocation)
    }

    @Test func namesThatDoNotExist() {
        expect(
            "the container app joins the network back, which the stack does not have",
            "the container app depends on databse, which the stack does not have",
            in: Stack("shop") {
                Container("app", image: "a") {
                    DependsOn("databse")
                    Joins("back")
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
        #expect(host.contradictions.map(\.subject) == ["the port 80/tcp"])
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
        expect("its containers wait for each other: a → a", in: Stack("shop") { Container("a", image: "i") { DependsOn("a") } })
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
                    Limits(memory: .mebibytes(1))
                }
            })
        expect("there are two containers a", in: Stack("shop") {
            Container("a", image: "i")
            Container("a", image: "i")
        })
        expect("“/” is no directory of its own for it, such as /srv/shop", in: Stack("shop", directory: "/") { Container("a", image: "i") })
    }

    @Test func theyStopEverything() {
        let host = Host("x", runs: Debian.self) { Stack("shop") { Network("n") } }
        #expect(host.mistakes.count == 1)
        #expect(host.mistakes.first?.hasSuffix(": the stack shop: it has no container") == true)
    }
}
