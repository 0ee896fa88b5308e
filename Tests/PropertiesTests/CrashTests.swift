import PropelTesting
import Properties
import Testing

/// The properties of the catalogue with a fault at every operation, and then another run.
@Suite struct CrashTests {
    /// A machine and hosts that are enforced one after the other.
    struct Life: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var prepare: @Sendable () -> FakeMachine
        var hosts: [Host]

        init(_ name: String, _ hosts: [Host], on machine: @escaping @Sendable () -> FakeMachine) {
            testDescription = name
            self.hosts = hosts
            prepare = {
                let fake = machine()
                fake.commands.program("mark")
                fake.files.put(directory: "/srv")
                return fake
            }
        }

        init(_ name: String, _ hosts: [Host], adding change: @escaping @Sendable (FakeMachine) -> Void) {
            self.init(
                name, hosts,
                on: {
                    let fake = FakeMachine()
                    change(fake)
                    return fake
                })
        }
    }

    /// An action that leaves nothing but its command.
    struct Mark: Action {
        typealias Target = UnixLike
        var name: String { "mark" }
        func perform(on machine: Machine) async throws { try await machine.run("mark") }
    }

    static func host(@PropertyBuilder<Debian> _ properties: () -> [Declaration]) -> Host {
        Host("test", runs: Debian.self, properties)
    }

    private static let owned = File("/srv/app.conf", "user = app\n", mode: 0o640, owner: "pi")
    private static let program = File("/srv/tool", "#!/bin/sh\n", mode: 0o4755, owner: "pi")
    private static let directory = Directory("/srv/data", mode: 0o2750, owner: "pi")
    private static let link = SymbolicLink("/srv/link", to: "data")
    private static let dropIn = DropInFile("/etc/app.conf.d/limits.conf", "limit = 3\n")
    private static let noRepository = Apt.Repository.Absent("https://apt.example.com")
    private static let zone = Timezone("Europe/Berlin")
    private static let name = Hostname("web1.example.org", mailname: true)

    private static func site(_ directives: String = "") -> Nginx.Site {
        Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, directives: directives)
    }

    static let lives: [Life] = [
        Life(
            "a repository that stood in other files", [host { repository }, host { repository.reverted() }]
        ) { fake in
            fake.files.put("/etc/apt/sources.list.d/old.list", "deb https://apt.example.com bookworm main\n")
            fake.files.put("/etc/apt/sources.list", "deb https://apt.example.com/ bookworm main\n# mine\n")
        },
        Life(
            "a repository that goes", [host { noRepository }, host { noRepository.reverted() }]
        ) { fake in
            fake.files.put("/etc/apt/sources.list.d/old.list", "deb https://apt.example.com bookworm main\n")
            fake.files.put("/etc/apt/sources.list", "deb https://apt.example.com/ bookworm main\n# mine\n")
        },
        Life(
            "a login at a registry",
            [
                host { Docker.RegistryLogin("ghcr.io", user: "anna", password: "plain") },
                host { Docker.RegistryLogin.Absent("ghcr.io") },
            ]
        ) { fake in
            fake.files.put("/root/.docker/config.json", "{}\n", mode: 0o600)
        },
        Life("unused images", [host { Docker.ImagesPruned(olderThan: .days(30), keeping: 0) }]) { fake in
            let docker = FakeDocker(on: fake, hasCompose: false)
            fake.pass(.days(100))
            docker.state.withLock {
                $0.stored = ["a", "b"].map {
                    FakeDocker.StoredImage(
                        id: "sha256:\($0)", tags: ["\($0):1"], digests: ["\($0)@sha256:\($0)"],
                        created: "1970-01-02T00:00:00Z")
                }
            }
        },
        Life(
            "packages that are installed, held and released",
            [
                host {
                    Apt.Installed("git").onChange(Mark())
                    Apt.Absent("nano", purge: true)
                },
                host { Apt.Hold("git") },
                host { Apt.Hold("git").reverted() },
            ]
        ) { _ = FakeApt($0) },
        Life(
            "files that are made and taken back",
            [
                host {
                    owned.onChange(Mark())
                    program
                    directory
                    link
                },
                host {
                    owned.reverted()
                    program.reverted()
                    directory.reverted()
                    link.reverted()
                },
            ], on: { FakeMachine() }),
        Life(
            "files that are replaced and restored",
            [
                host {
                    owned.onChange(Mark())
                    program.onChange(Mark())
                    link
                },
                host {
                    owned.reverted().onChange(Mark())
                    program.reverted()
                    link.reverted()
                },
            ]
        ) { fake in
            fake.files.put("/srv/app.conf", "mine\n", mode: 0o600)
            fake.files.put("/srv/tool", "mine too\n", mode: 0o4711, owner: Owner(user: 1, group: 1))
            fake.files.put("/srv/link", linkTo: "elsewhere")
        },
        Life(
            "accounts",
            // Both change /etc/group.
            [
                host { Group("shared", id: 1500) },
                host { User("anna", id: 1001, groups: ["sudo"], comment: "Anna") },
            ]
        ) { plantAccountPrograms($0) },
        Life("a time zone", [host { zone }, host { zone.reverted() }]) { fake in
            fake.hasInstalled("tzdata")
            for zone in ["Etc/UTC", "Europe/Berlin"] {
                fake.files.put(FilePath("/usr/share/zoneinfo/" + zone), "TZif2...")
            }
            fake.files.put("/etc/localtime", linkTo: "/usr/share/zoneinfo/Etc/UTC")
            fake.files.put("/etc/timezone", "Etc/UTC\n")
        },
        Life("a host name", [host { name }, host { name.reverted() }]) { fake in
            fake.files.put("/proc/sys/kernel/hostname", "debian\n")
            fake.files.put("/etc/hostname", "debian\n")
            fake.files.put("/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n")
            fake.commands.program("hostname") { command in
                fake.files.put("/proc/sys/kernel/hostname", command.arguments[1] + "\n")
                return .printing()
            }
        },
        Life("a drop-in", [host { dropIn }, host { dropIn.reverted() }], on: { FakeMachine() }),
        Life("a sysctl", [host { Swappiness(10) }, host { Swappiness(10).reverted() }]) { fake in
            fake.files.put("/proc/sys/vm/swappiness", "60\n")
            fake.files.put(directory: "/etc/sysctl.d")
            fake.commands.program("tee") { command in
                fake.files.put(FilePath(command.arguments[1]), bytes: command.input)
                return .printing()
            }
        },
        Life(
            "a site of nginx",
            [host { site() }, host { site("gzip on;") }, host { site("gzip on;").reverted() }],
            on: { FakeNginx().fake }),
        Life(
            "a unit and its service",
            [
                host {
                    SystemdUnit("app", "[Service]\nExecStart=/bin/true\n\n[Install]\nWantedBy=multi-user.target\n")
                    Service("app")
                }
            ]
        ) { fake in
            fake.files.put(directory: "/etc/systemd/system")
            fake.commands.program("systemd-analyze")
            _ = FakeSystemd(fake, ["app.service": FakeSystemd.Unit()])
        },
    ]

    /// The files of a machine that are neither in memory nor logs, and the rules in its kernel.
    private static func files(_ fake: FakeMachine) -> [FilePath: FakeFileSystem.Node] {
        fake.files.snapshot.filter { path, _ in
            path == FakeNft.kernel || !["/run", "/proc/1", "/var/log"].contains { path.string.hasPrefix($0) }
        }
    }

    @discardableResult
    private static func enforce(_ host: Host, on fake: FakeMachine) async -> RunSummary {
        fake.machine.forgetFacts()
        return await Engine(host: host, machine: fake.machine) { _ in }.enforce()
    }

    @Test(arguments: lives + networkLives + webLives + repositoryLives + catalogueLives, Fault.allCases)
    func `a property is brought about by the next run, whatever ended this one`(
        _ life: Life, _ fault: Fault
    ) async throws {
        let reference = life.prepare()
        var states = [Self.files(reference)], hasAction: [Bool] = []
        for host in life.hosts {
            reference.operations.clear()
            let run = await Self.enforce(host, on: reference)
            try #require(run[.failed] == 0 && run[.skipped] == 0, "\(run)")
            states.append(Self.files(reference))
            hasAction.append(reference.operations.lines.contains("mark"))
        }
        for (index, host) in life.hosts.enumerated() {
            try await atEveryOperation(
                of: {
                    let fake = life.prepare()
                    for former in life.hosts[..<index] { await Self.enforce(former, on: fake) }
                    return fake
                }, \.self, fault
            ) { fake in
                await Self.enforce(host, on: fake)
            } judge: { fake in
                try Self.filesAreWhole(fake, between: states[index], and: states[index + 1])
                let run = await Self.enforce(host, on: fake)
                try hold(run[.failed] == 0 && run[.skipped] == 0, "the next run fails: \(run)")
                let found = Self.files(fake)
                try hold(found == states[index + 1], Self.difference(states[index + 1], found))
                try hold((try? fake.files.list("/var/lib/propel/pending"))?.isEmpty != false, "an action is pending")
                if hasAction[index] { try Self.actionIsLast(in: fake) }
                let before = fake.operations.operations.count
                let second = await Self.enforce(host, on: fake)
                try hold(second[.changed] == 0 && second[.failed] == 0, "the second run changes something: \(second)")
                let changes = fake.operations.operations.dropFirst(before).filter { $0.kind != .command }
                try hold(changes.isEmpty, "the second run writes: \(changes)")
            }
        }
    }

    /// No file has content that neither was there before nor is there after.
    private static func filesAreWhole(
        _ fake: FakeMachine, between old: [FilePath: FakeFileSystem.Node], and new: [FilePath: FakeFileSystem.Node]
    ) throws {
        for (path, node) in files(fake) where node.status.kind == .file {
            try hold(
                node.bytes == old[path]?.bytes || node.bytes == new[path]?.bytes || path.isTemporary,
                "\(path) is “\(String(decoding: node.bytes, as: UTF8.self))”")
        }
    }

    /// The action comes after the last change that requests it, in this run or in the next.
    private static func actionIsLast(in fake: FakeMachine) throws {
        let lines = fake.operations.lines
        guard let change = lines.lastIndex(where: { $0.hasSuffix(" /srv/app.conf") }) else { return }
        guard let mark = lines.lastIndex(of: "mark"), mark > change else {
            throw LawBroken("the action is lost: \(lines.suffix(20))")
        }
    }

    private static func difference(
        _ expected: [FilePath: FakeFileSystem.Node], _ found: [FilePath: FakeFileSystem.Node]
    ) -> String {
        Set(expected.keys).union(found.keys).filter { expected[$0] != found[$0] }.map(\.string).sorted().map { path in
            "\(path): \(String(describing: found[FilePath(path)])) instead of "
                + String(describing: expected[FilePath(path)])
        }.joined(separator: "\n")
    }
}

extension FilePath {
    /// Whether it is a staged file, or one that is tried out: what nobody reads as the file itself.
    fileprivate var isTemporary: Bool { isStagingPath || lastComponent?.string.hasPrefix(".propel-") == true }
}
