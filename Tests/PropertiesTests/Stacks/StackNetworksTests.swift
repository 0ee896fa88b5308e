import PropelTesting
import RecordedOperations
import Testing
import Yams

@testable import Properties

/// Which containers reach each other, and what leads out.
@Suite(.recorded) struct StackNetworksTests {
    private func networks(_ stack: Stack) -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: stack.containers.map { ($0.name, stack.networks(of: $0)) })
    }

    private func problems(_ stack: Stack) -> [String] {
        stack.problems.map { $0.replacing("the stack \(stack.name): ", with: "") }
    }

    // MARK: - Isolation

    @Test func `one in an internal network gets no way out by being depended on`() {
        let joined = Stack("s") {
            Network("inside", isInternal: true)
            Container("db", image: "i") { JoinsNetwork("inside") }
            Container("web", image: "i") {
                JoinsNetwork("inside")
                Publish(80)
                DependsOn("db")
            }
        }
        #expect(networks(joined) == ["db": ["inside.internal"], "web": ["inside.internal"]])
        let apart = Stack("s") {
            Network("inside", isInternal: true)
            Container("db", image: "i") { JoinsNetwork("inside") }
            Container("web", image: "i") { DependsOn("db") }
            Container("other", image: "i") {
                JoinsNetwork("inside")
                DependsOn("web")
            }
        }
        #expect(
            networks(apart) == [
                "db": ["inside.internal", "db.internal"], "web": ["web.internal", "db.internal"],
                "other": ["inside.internal", "web.internal"],
            ])
        #expect(apart.usedNetworks.allSatisfy { $0.isInternal })
    }

    /// Docker publishes no port of a container that has internal networks alone.
    @Test func `one in an internal network that publishes a port goes on doing so`() {
        let stack = Stack("s") {
            Network("inside", isInternal: true)
            Container("page", image: "i")
            Container("mirror", image: "i") {
                JoinsNetwork("inside")
                DependsOn("page")
                Publish(80)
            }
        }
        #expect(networks(stack) == ["page": ["page"], "mirror": ["inside.internal", "page"]])
    }

    /// What former versions of Propel wrote.
    @Test func `an upgrade of Propel alone recreates nothing`() async throws {
        let fake = FakeMachine(), docker = FakeDocker(on: fake)
        func stack(_ tag: String) -> Stack {
            Stack("s", healthTimeout: .hours(1)) {
                Network("inside", isInternal: true)
                Container("db", image: "i", tag: tag) { JoinsNetwork("inside") }
                Container("web", image: "i") {
                    JoinsNetwork("inside")
                    DependsOn("db")
                }
            }.polling(every: .zero)
        }
        var former = stack("1")
        former.keepsFormerNetworks = true
        #expect(networks(former) == ["db": ["inside.internal", "db"], "web": ["inside.internal", "db"]])
        try await fake.obeysLaw(StackDeployment(stack: former))
        let made = docker.containers.mapValues(\.id)
        #expect(try await fake.check(StackDeployment(stack: stack("1"))) == .satisfied)
        #expect(docker.containers.mapValues(\.id) == made)
        // The next change brings the isolation.
        try await fake.obeysLaw(StackDeployment(stack: stack("2")))
        #expect(try fake.files.text("/srv/s/docker-compose.yml") == stack("2").composeText)
    }

    // MARK: - One network for all

    @Test func `containers share the default network where they are to`() throws {
        let stack = Stack("s", networks: .shared) {
            Network("back")
            Container("web", image: "i") {
                DependsOn("db")
                Environment("WORKER", "http://worker:8080")
            }
            Container("db", image: "i")
            Container("worker", image: "i") { Aliases("jobs") }
            Container("cache", image: "i") { JoinsNetwork("back") }
        }
        #expect(problems(stack).isEmpty)
        #expect(networks(stack) == ["web": [], "db": [], "worker": [], "cache": ["back"]])
        #expect(stack.composeText.contains("    networks:\n      default:\n        aliases:\n          - jobs\n"))
        #expect(stack.usedNetworks == [Network("back")])
    }

    @Test func `a container that names another one which it no longer reaches is a problem`() {
        func stack(@ContainerBuilder _ parts: () -> [any ContainerPart]) -> Stack {
            Stack("s") {
                Container("web", image: "i", parts)
                Container("db", image: "i")
                Container("worker", image: "i")
            }
        }
        let advice =
            "but shares no network with it: add DependsOn(\"worker\") or a Network that both join, or give all "
            + "containers one network with Stack(\"s\", networks: .shared)"
        #expect(
            problems(
                stack {
                    DependsOn("db")
                    Environment("WORKER_URL", "http://worker/jobs")
                }) == ["the container web names worker in the variable WORKER_URL, \(advice)"])
        #expect(
            problems(
                stack {
                    DependsOn("db")
                    Environment("QUEUE", "redis://:\(Secret("queue"))@worker:6379/0")
                }) == ["the container web names worker in the variable QUEUE, \(advice)"])
        #expect(
            problems(
                stack {
                    DependsOn("db")
                    ConfigurationFile("/etc/web.conf", "# worker:1\ntargets = [\"worker:9090\"]\n")
                }) == ["the container web names worker in /etc/web.conf, \(advice)"])
        for parts: [any ContainerPart] in [
            [Environment("WORKER_URL", "http://worker/jobs")],
            [DependsOn("db"), DependsOn("worker"), Environment("WORKER_URL", "http://worker/jobs")],
            [DependsOn("db"), Environment("A", "worker"), Environment("B", "https://worker.example.com")],
            [DependsOn("db"), Environment("A", "mail@worker"), Environment("B", "i/worker:1")],
            [DependsOn("db"), ExtraHosts(["worker": "192.0.2.1"]), Environment("A", "http://worker/")],
            [HostNetwork(), DependsOn("db"), Environment("A", "http://worker/")],
        ] { #expect(problems(stack { parts }).isEmpty, "\(parts)") }
    }

    // MARK: - Networks of others

    @Test func `the network of the machine, of another container, and none`() {
        let stack = Stack("s") {
            Container("home", image: "i") {
                HostNetwork()
                Publish(8123)
                DependsOn("db")
            }
            Container("db", image: "i")
            Container("vpn", image: "i") { Publish(8080) }
            Container("torrent", image: "i") {
                NetworkOf("vpn")
                DependsOn("db")
            }
            Container("outside", image: "i") { NetworkOf(outside: "gluetun") }
            Container("alone", image: "i") { NoNetwork() }
            Container("old", image: "i") {
                BridgeNetwork()
                Publish(9000)
                DependsOn("db")
            }
        }
        #expect(problems(stack).isEmpty)
        #expect(
            networks(stack) == [
                "home": [], "db": ["db"], "vpn": ["db"], "torrent": [], "outside": [], "alone": [], "old": [],
            ])
        let text = stack.composeText
        for mode in ["host", "service:vpn", "container:gluetun", "none", "bridge"] {
            #expect(text.contains("    network_mode: \(mode)\n"))
        }
        #expect(!text.contains("8123") && text.contains("\"8080:8080\""))
        #expect(text.contains("\"9000:9000\""))
        #expect(StackDeployment(stack: stack).ports.map(\.number) == [8123, 8080, 9000])
        #expect(
            stack.levels(of: stack.containers, by: \.name).map { $0.map(\.name) } == [
                ["db", "vpn", "outside", "alone"], ["home", "torrent", "old"],
            ])
    }

    @Test func `parts that do not go with the network of another are problems`() {
        let stack = Stack("s") {
            Network("n")
            Container("a", image: "i") {
                HostNetwork()
                JoinsNetwork("n")
                Publish(80, to: 8080)
                Sysctls(["net.core.somaxconn": "1"])
            }
            Container("b", image: "i") {
                NetworkOf("c")
                Publish(81)
                Container.Hostname("b")
            }
            Container("d", image: "i") {
                NoNetwork()
                HostNetwork()
            }
            Container("e", image: "i") {
                BridgeNetwork()
                Aliases("f")
            }
        }
        #expect(
            problems(stack) == [
                "the container a joins n, but has the network of the machine: leave one of them out",
                "the container a publishes 8080 as 80, but has the network of the machine: Publish(8080) says on which "
                    + "port its program listens",
                "the container a has Sysctls of the network, but has the network of the machine: declare Sysctl beside "
                    + "the Stack",
                "the container b has the network of c, which the stack does not have",
                "the container b publishes ports, but has the network of c: publish them there",
                "the container b has Container.Hostname, but has the network of c: give it to that container",
                "the container d has a problem: it has no network, and has the network of the machine: keep one",
                "the container e has aliases, but has the bridge of docker: leave them out",
            ])
        let cycle = Stack("s") {
            Container("a", image: "i") { NetworkOf("b") }
            Container("b", image: "i") { NetworkOf("a") }
        }
        #expect(problems(cycle) == ["dependency cycle: a → b → a"])
    }
}
