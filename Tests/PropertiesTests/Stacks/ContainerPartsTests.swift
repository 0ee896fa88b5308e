import Testing
import Yams

@testable import Properties

/// The parts that each give a key of the compose file.
@Suite struct ContainerPartsTests {
    private func service(@ContainerBuilder _ parts: () -> [any ContainerPart]) -> (text: String, problems: [String]) {
        let stack = Stack("s") { Container("a", image: "i", parts) }
        let lines = stack.composeText.split(separator: "\n").drop { !$0.hasPrefix("    restart:") }.dropFirst()
        return (
            lines.map { $0.dropFirst(4) + "\n" }.joined(),
            stack.problems.map { $0.replacing("the stack s: the container a ", with: "") }
        )
    }

    private func expectProblem(
        _ problem: String, sourceLocation: SourceLocation = #_sourceLocation,
        @ContainerBuilder _ parts: () -> [any ContainerPart]
    ) {
        #expect(service(parts).problems == ["has a problem: " + problem], sourceLocation: sourceLocation)
    }

    @Test func `every part is written after those that were there before`() throws {
        let written = service {
            ContainerName("kuma")
            Container.Hostname("kuma.example.com")
            Container.User("1000:1000")
            Container.Platform("linux/amd64")
            Entrypoint("/bin/sh", "-c", "exec serve $HOME")
            WorkingDirectory("/srv")
            Init()
            StopSignal("SIGINT")
            StopTimeout(.minutes(2))
            GroupAdd("989", "video")
            Labels(["traefik.enable": "true", "rule": "Host(`a.example.com`) && $x"])
            Capabilities(add: ["NET_ADMIN"], drop: ["ALL"])
            Capabilities(add: ["CAP_SYS_TIME"])
            Devices("/dev/ttyUSB0", "/dev/ttyACM0:/dev/zigbee:rw")
            GPUs(.all)
            Privileged()
            SecurityOptions("no-new-privileges:true", "apparmor=unconfined")
            ReadOnly()
            Tmpfs("/run", size: .mebibytes(1), mode: 0o1777, options: ["exec"])
            Tmpfs("/tmp")
            SharedMemory(.mebibytes(128))
            Ulimits(["nofile": 65536, "memlock": .unlimited, "nproc": .soft(1024, hard: 2048)])
            Sysctls(["net.core.somaxconn": "1024"])
            Pid(.host)
            Ipc(.shareable)
            Logging("json-file", ["max-size": "10m"])
            ExtraHosts(["host.docker.internal": "host-gateway", "nas": "2001:db8::7"])
            DNS("192.0.2.53", search: ["example.com"], options: ["ndots:1"])
            HealthCheck.none
            ComposeKeys(["cpuset": "0-2", "oom_score_adj": -500, "x-note": ["a", true, 1.5]])
        }
        #expect(written.problems.isEmpty)
        #expect(
            written.text == """
                healthcheck:
                  disable: true
                container_name: kuma
                hostname: kuma.example.com
                user: "1000:1000"
                platform: linux/amd64
                entrypoint:
                  - /bin/sh
                  - "-c"
                  - "exec serve $$HOME"
                working_dir: /srv
                init: true
                stop_signal: SIGINT
                stop_grace_period: "120s"
                group_add:
                  - "989"
                  - video
                labels:
                  traefik.enable: "true"
                  rule: "Host(`a.example.com`) && $$x"
                cap_add:
                  - NET_ADMIN
                  - CAP_SYS_TIME
                cap_drop:
                  - ALL
                devices:
                  - /dev/ttyUSB0:/dev/ttyUSB0
                  - /dev/ttyACM0:/dev/zigbee:rw
                deploy:
                  resources:
                    reservations:
                      devices:
                        - driver: nvidia
                          count: all
                          capabilities:
                            - gpu
                privileged: true
                security_opt:
                  - no-new-privileges:true
                  - "apparmor=unconfined"
                read_only: true
                tmpfs:
                  - "/run:size=1048576,mode=1777,exec"
                  - /tmp
                shm_size: 134217728
                ulimits:
                  nofile: 65536
                  memlock: -1
                  nproc:
                    soft: 1024
                    hard: 2048
                sysctls:
                  net.core.somaxconn: "1024"
                pid: host
                ipc: shareable
                logging:
                  driver: json-file
                  options:
                    max-size: "10m"
                extra_hosts:
                  - host.docker.internal:host-gateway
                  - nas:2001:db8::7
                dns:
                  - "192.0.2.53"
                dns_search:
                  - example.com
                dns_opt:
                  - ndots:1
                cpuset: "0-2"
                oom_score_adj: -500
                x-note:
                  - a
                  - true
                  - 1.5

                """)
    }

    @Test func `a command is a list or a line`() {
        func words(_ line: String) -> [String] { Container.Command(line: line).words }
        #expect(
            words("serve  --greeting='it is' \"$HOME \\\" \\n\" a\\ b ''") == [
                "serve", "--greeting=it is", "$HOME \" \\n", "a b", "",
            ])
        #expect(Container.Command(["a b", "c"]).words == ["a b", "c"])
        #expect(Entrypoint(line: "a 'b c'").words == ["a", "b c"])
        #expect(service { Logging(["max-size": "1m"]) }.text == "logging:\n  options:\n    max-size: \"1m\"\n")
        #expect(service { Entrypoint.none }.text == "entrypoint: []\n" && service { Entrypoint.none }.problems.isEmpty)
        expectProblem("Container.Command: “a 'b” has a ' without another one") { Container.Command(line: "a 'b") }
        expectProblem("Entrypoint: “a \\” ends with a backslash") { Entrypoint(line: "a \\") }
        expectProblem("Entrypoint: it has no program: leave it out to start that of the image") { Entrypoint([]) }
    }

    @Test func `a command of a host and one of a container are told apart`() {
        let host = Host("x", runs: Debian.self) {
            Command("true", unless: "true")
            User("anna")
            Stack("s") {
                Container("a", image: "i") {
                    Container.Command("serve")
                    Container.User("1000")
                }
            }
        }
        #expect(host.problems.isEmpty)
    }

    @Test func `what two parts decide is refused`() {
        expectProblem("Container.User is there twice: keep one") {
            Container.User("1")
            Container.User("2")
        }
        expectProblem("ReadOnly and ComposeKeys both decide “read_only”: keep one") {
            ReadOnly()
            ComposeKeys(["read_only": true])
        }
        expectProblem("Entrypoint is there twice: keep one") {
            Entrypoint("a")
            Entrypoint("b")
        }
        expectProblem("Labels has “a” twice: keep one") {
            Labels(["a": "1"])
            Labels(["a": "2"])
        }
        expectProblem("Capabilities has “KILL” twice: keep one") {
            Capabilities(add: ["KILL"])
            Capabilities(add: ["KILL"])
        }
        expectProblem("Labels: “a” is there twice: keep one") { Labels(["a": "1", "a": "1"]) }
    }

    @Test func `invalid values are found before anything runs`() {
        expectProblem("Container.User: invalid “-1”: use 1000, 1000:1000 or a name") { Container.User("-1") }
        expectProblem("Container.User: invalid “1:2:3”: use 1000, 1000:1000 or a name") { Container.User("1:2:3") }
        expectProblem("Container.Hostname: invalid host name “-a”: use letters, digits, “-” and “.”") {
            Container.Hostname("-a")
        }
        expectProblem("Container.Platform: invalid platform “amd64”: use one such as linux/amd64") {
            Container.Platform("amd64")
        }
        expectProblem(
            "Capabilities: there is no capability “NET_ADMN”: use names of capabilities(7), such as NET_ADMIN"
        ) {
            Capabilities(add: ["NET_ADMN"])
        }
        expectProblem(
            "Devices: invalid device “ttyUSB0”: use an absolute path, /dev/ttyUSB0 or /dev/ttyUSB0:/dev/zigbee:rw"
        ) {
            Devices("ttyUSB0", "vendor.com/class=all", "/dev/a:rw")
        }
        // To docker it has four parts.
        expectProblem(
            "Devices: invalid device “/a\u{600}:/b:/c:rw”: use an absolute path, /dev/ttyUSB0 or "
                + "/dev/ttyUSB0:/dev/zigbee:rw"
        ) {
            Devices("/a\u{600}:/b:/c:rw")
        }
        expectProblem(
            "Sysctls: “vm.swappiness” belongs to the whole machine: declare Sysctl(\"vm.swappiness\", …) beside the "
                + "Stack"
        ) {
            Sysctls(["vm.swappiness": "1"])
        }
        expectProblem("Ulimits: “nofile”: the soft limit is at most the hard one") {
            Ulimits(["nofile": .soft(2, hard: 1)])
        }
        expectProblem("StopTimeout: use whole seconds, from one to 3600") { StopTimeout(.milliseconds(1500)) }
        expectProblem("StopSignal: invalid signal “INT”: use a name such as SIGINT") { StopSignal("INT") }
        expectProblem("DNS: invalid address “dns.example.com”: use an IPv4 or IPv6 address such as 192.0.2.53") {
            DNS("dns.example.com")
        }
        expectProblem("Labels: “com.docker.compose.project” belongs to compose or to Propel") {
            Labels(["com.docker.compose.project": "x"])
        }
        #expect(service { Tmpfs("run") }.problems == ["mounts “run”: use an absolute path"])
        #expect(
            service {
                Tmpfs("/data")
                Volume("data", at: "/data")
            }.problems == ["mounts two things at /data"])
    }

    @Test func `one that shares processes starts after the other`() {
        let stack = Stack("s") {
            Container("a", image: "i") { Pid(.container("b")) }
            Container("b", image: "i") { Ipc(.shareable) }
        }
        #expect(stack.composeText.contains("    pid: service:b\n"))
        #expect(stack.levels(of: stack.containers, by: \.name).map { $0.map(\.name) } == [["b"], ["a"]])
        let problems = Stack("s") { Container("a", image: "i") { Ipc(.container("c")) } }.problems
        #expect(
            problems == [
                "the stack s: the container a shares processes or memory with c, which the stack does not have"
            ])
    }

    @Test func `one with no health check at all counts as healthy once it runs`() {
        let stack = Stack("s") {
            Container("a", image: "i") { DependsOn("b") }
            Container("b", image: "i") { HealthCheck.none }
            Container("c", image: "i") {
                HealthCheck.none
                RestartPolicy(.never)
            }
        }
        #expect(stack.composeText.contains("condition: service_started"))
        #expect(stack.containers[1].healthCheck == nil && stack.containers[2].isOneShot)
    }

    @Test func `the name in docker is claimed`() {
        func stack(_ name: String) -> Stack { Stack(name) { Container("a", image: "i") { ContainerName("kuma") } } }
        let host = Host("x", runs: Debian.self) {
            stack("one")
            stack("two")
        }
        #expect(host.conflicts.map(\.subject) == ["the docker container named kuma"])
        let problems = Stack("s") {
            Container("a", image: "i") { ContainerName("kuma") }
            Container("b", image: "i") { ContainerName("kuma") }
        }.problems
        #expect(problems == ["the stack s: two containers have the ContainerName kuma"])
    }

    @Test func `containers get the time to stop that one of them needs`() {
        func stack(_ duration: Duration?) -> Stack {
            Stack("s") { Container("a", image: "i") { if let duration { StopTimeout(duration) } } }
        }
        #expect(stack(nil).stopGrace == .seconds(30) && stack(.seconds(5)).stopGrace == .seconds(30))
        #expect(stack(nil).bootUnitText.contains(" stop --timeout 30;"))
        #expect(stack(nil).bootUnitText.contains("\nTimeoutStopSec=5min\n"))
        #expect(stack(.minutes(10)).bootUnitText.contains(" stop --timeout 600;"))
        #expect(stack(.minutes(10)).bootUnitText.contains("\nTimeoutStopSec=900s\n"))
    }
}
