import Testing
import Yams

@testable import Properties

@Suite struct ComposeFileTests {
    @Test func `every part is written`() throws {
        let stack = Stack("shop") {
            Container("db", image: "postgres", tag: "15") {
                Volume("data", at: "/var/lib/postgresql/data")
                Environment("POSTGRES_DB", "shop")
                Environment("POSTGRES_PASSWORD", "\(Secret("database-password"))")
                HealthCheck("pg_isready && echo $HOSTNAME", every: .milliseconds(1500), startPeriod: .seconds(10))
                ResourceLimits(memory: .mebibytes(512), cpus: 1.5, processes: 100)
            }
            Container("app", image: "shop/app@sha256:\(String(repeating: "a", count: 64))") {
                DependsOn("db")
                Publish(8080, to: 80, on: "127.0.0.1")
                Publish(Port(5000, transport: "udp"), on: "::1")
                JoinsNetwork("back")
                BindMount("/etc/ssl/certs")
                ConfigurationFile("/etc/app.conf", "workers = 4\n")
                ConfigurationFile("/run/key", "\(Secret("key"))", owner: 101)
                Container.Command("serve", "--greeting=Hello $USER")
                RestartPolicy(.onFailure)
            }
            Network("back", isInternal: true)
        }
        #expect(stack.problems.isEmpty)
        #expect(
            stack.composeText == """
                # The stack shop, as Propel deployed it. It is described in Swift: what is changed here is replaced.
                services:
                  db:
                    image: postgres:15
                    restart: unless-stopped
                    environment:
                      POSTGRES_DB: shop
                    volumes:
                      - type: volume
                        source: data
                        target: /var/lib/postgresql/data
                    networks:
                      - db
                    healthcheck:
                      test:
                        - CMD-SHELL
                        - "pg_isready && echo $$HOSTNAME"
                      interval: "1500ms"
                      timeout: "5s"
                      retries: 5
                      start_period: "10s"
                    mem_limit: 536870912
                    cpus: 1.5
                    pids_limit: 100
                  app:
                    image: shop/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                    command:
                      - serve
                      - "--greeting=Hello $$USER"
                    restart: on-failure
                    depends_on:
                      db:
                        condition: service_healthy
                    ports:
                      - "127.0.0.1:8080:80"
                      - "[::1]:5000:5000/udp"
                    volumes:
                      - type: bind
                        source: /etc/ssl/certs
                        target: /etc/ssl/certs
                        read_only: true
                      - type: bind
                        source: /srv/shop/files/app/app.conf-dcf6b47579f0
                        target: /etc/app.conf
                        read_only: true
                      - type: bind
                        source: /srv/shop/secrets/app/key-994e5c180613
                        target: /run/key
                        read_only: true
                    networks:
                      - back.internal
                      - db
                networks:
                  back.internal:
                    internal: true
                  db: {}
                volumes:
                  data:
                    name: shop_data
                    external: true

                """)
        #expect(try load(yaml: stack.composeText) is [String: Any])
    }

    @Test func `a mount has its propagation, and a check its pause at the start`() {
        let stack = Stack("s") {
            Container("a", image: "i") {
                BindMount("/", at: "/host", propagation: .rslave)
                BindMount("/media", isReadOnly: false)
                HealthCheck("ready", startPeriod: .minutes(1), startInterval: .seconds(2))
            }
        }
        #expect(stack.problems.isEmpty)
        let lines = stack.composeText.split(separator: "\n").drop { $0 != "    volumes:" }
        #expect(
            lines.joined(separator: "\n") == """
                    volumes:
                      - type: bind
                        source: /
                        target: /host
                        read_only: true
                        bind:
                          propagation: rslave
                      - type: bind
                        source: /media
                        target: /media
                    healthcheck:
                      test:
                        - CMD-SHELL
                        - ready
                      interval: "5s"
                      timeout: "5s"
                      retries: 5
                      start_period: "60s"
                      start_interval: "2s"
                """)
    }

    @Test func `a pause at the start needs a start`() {
        let stack = Stack("s") { Container("a", image: "i") { HealthCheck("ready", startInterval: .seconds(2)) } }
        #expect(
            stack.problems == [
                "the stack s: the container a has a problem: HealthCheck: “startInterval” is for the time of "
                    + "“startPeriod”: give that too"
            ])
    }

    @Test func `containers share networks only with their dependencies`() {
        let stack = Stack("shop") {
            Container("front", image: "f") { DependsOn("app") }
            Container("app", image: "a") {
                DependsOn("db")
                DependsOn("cache")
            }
            Container("db", image: "d")
            Container("cache", image: "c")
            Container("alone", image: "e")
        }
        let networks = Dictionary(uniqueKeysWithValues: stack.containers.map { ($0.name, stack.networks(of: $0)) })
        #expect(
            networks == [
                "front": ["app"], "app": ["app", "db", "cache"], "db": ["db"], "cache": ["cache"], "alone": [],
            ])
    }

    /// Docker decides when it makes one: the other kind is another network.
    @Test func `a network that becomes internal gets another name`() throws {
        func stack(_ isInternal: Bool) -> Stack {
            Stack("s") {
                Container("a", image: "i") { JoinsNetwork("back") }
                Network("back", isInternal: isInternal)
            }
        }
        #expect(
            stack(false).networks(of: stack(false).containers[0]) == ["back"]
                && stack(false).composeText.hasSuffix("networks:\n  back: {}\n"))
        #expect(stack(true).networks(of: stack(true).containers[0]) == ["back.internal"])
        #expect(stack(true).composeText.hasSuffix("networks:\n  back.internal:\n    internal: true\n"))
    }

    /// A mounted file that changes is another file, so that compose sees it; one that moves within the description is
    /// not.
    @Test func `only a changed file gets another path`() {
        func stack(_ text: String, mode: FileMode = 0o644) -> Stack {
            Stack("s") { Container("a", image: "i") { ConfigurationFile("/etc/a.conf", text: text, mode: mode) } }
        }
        #expect(stack("1").composeText == stack("1").composeText)
        #expect(stack("1").composeText != stack("2").composeText)
        #expect(stack("1").composeText != stack("1", mode: 0o600).composeText)
        #expect(stack("1").version != stack("2").version)
    }

    @Test func `the position of a secret changes the version`() {
        func stack(_ content: Content) -> Stack {
            Stack("s") { Container("a", image: "i") { ConfigurationFile("/etc/a.conf", content) } }
        }
        let one = stack("a\(Secret("x"))"), other = stack("b\(Secret("x"))")
        #expect(one.composeText == other.composeText)
        #expect(one.version != other.version)
    }

    @Test func `parts may throw in the braces of a stack and of a container`() throws {
        func size(_ text: String) throws -> ByteSize {
            guard text == "1 GiB" else { throw Failure("invalid size") }
            return .mebibytes(1024)
        }
        func stack(_ text: String) throws -> Stack {
            try Stack("shop") {
                try Container("app", image: "app") { ResourceLimits(memory: try size(text)) }
            }
        }
        #expect(try stack("1 GiB").composeText.contains("mem_limit: 1073741824"))
        #expect(throws: Failure.self) { try stack("1 pound") }
    }

    @Test func `a combining mark hides no dollar sign from compose`() {
        let stack = Stack("shop") { Container("app", image: "app") { Environment("A", "$\u{301}{HOME}") } }
        #expect(stack.composeText.utf8.firstRange(of: "$$\u{301}{HOME}".utf8) != nil)
    }

    @Test func `an image is built as its origin says`() {
        let container = Container(
            "a", image: "app:1",
            origin: .directory("/srv/src", dockerfile: "Dockerfile.slim", target: "run", arguments: ["V": "1"]))
        #expect(
            container.dockerImage.claims.map(\.state) == ["built from /srv/src (Dockerfile.slim, stage run, V=1)"])
    }
}
