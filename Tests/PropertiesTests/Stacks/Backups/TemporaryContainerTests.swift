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
}
