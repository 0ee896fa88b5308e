import Testing

@testable import Properties

@Suite struct TemporaryContainerTests {
    @Test func `a container for a test of a backup runs as the described one`() {
        let container = Container("a", image: "i") {
            Container.User("1000")
            Entrypoint("/entry", "--first")
            Container.Command("serve")
            Ulimits(["nofile": .soft(1, hard: 2), "core": 0])
            Capabilities(drop: ["ALL"])
            Sysctls(["net.core.somaxconn": "1024"])
            ReadOnly()
            SharedMemory(.mebibytes(128))
            Labels(["traefik.enable": "true"])
            Devices("/dev/ttyUSB0")
        }
        #expect(
            container.dockerOptions == [
                "--user", "1000", "--ulimit", "nofile=1:2", "--ulimit", "core=0", "--cap-drop", "ALL", "--sysctl",
                "net.core.somaxconn=1024", "--read-only", "--shm-size", "134217728",
            ])
        #expect(container.dockerEntrypoint == ["--entrypoint", "/entry"])
        #expect(container.dockerCommand == ["--first", "serve"])
    }

    @Test func `one without an entry point has none either`() {
        let container = Container("a", image: "i") {
            Entrypoint.none
            Container.Command("serve", "-v")
        }
        #expect(container.dockerEntrypoint == ["--entrypoint", ""] && container.dockerCommand == ["serve", "-v"])
    }

    /// It would be an argument of docker.
    @Test func `one with a secret in its command cannot be started`() {
        let container = Container("a", image: "i") { Container.Command(revealing: "serve", "\(Secret("key"))") }
        let failure = #expect(throws: Failure.self) {
            try container.refuseSecretWords(of: Stack("s") { container })
        }
        #expect(failure?.message.hasPrefix("no second a of s can be started: its command has a secret") == true)
    }
}
