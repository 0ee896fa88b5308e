import PropelTesting
import Synchronization
import Testing

@testable import Properties

/// Builds that fail, invalid declarations, and archives.
extension ImageTests {
    @Test func `without enough memory and swap nothing is begun`() async throws {
        fake.files.put("/proc/swaps", SwapFileTests.swapsHeader)
        let failure = await #expect(throws: Failure.self) { try await fake.check(image) }
        #expect(
            failure?.advice?.hasPrefix("Declare SwapFile(\"/swapfile\", size: .mebibytes(576)) before this") == true)
        await #expect(throws: Failure.self) { try await image.apply(on: fake.machine) }
        #expect(builds.isEmpty)
        // An image that is there needs none.
        fake.files.put("/proc/swaps", SwapFileTests.swapsHeader + "/swapfile file 1000000 0 -2\n")
        try await fake.obeysLaw(image)
        fake.files.put("/proc/swaps", SwapFileTests.swapsHeader)
        #expect(try await fake.check(image) == .satisfied)
    }

    @Test func `a kernel without memory limits is reported`() async throws {
        engine.canLimit.withLock { $0 = false }
        let failure = await #expect(throws: Failure.self) { try await fake.check(image) }
        #expect(failure?.advice?.contains("KernelParameter") == true)
        try await fake.obeysLaw(Docker.Image("app", builtFrom: "/srv/app", memoryLimit: nil))
        #expect(builds.last?.contains("--memory") == false)
    }

    @Test func `a pull is retried after a network error`() async throws {
        engine.answers.withLock {
            $0 = [
                .failing(100, "E: Temporary failure resolving 'deb.example.org'\n"),
                .failing(1, "read tcp: connection reset by peer\n"),
            ]
        }
        try await build().apply(on: fake.machine)
        #expect(builds.count == 3)
    }

    @Test func `a pull fails when the network stays unreachable`() async throws {
        engine.answers.withLock {
            $0 = Array(repeating: .failing(1, "wget: unable to resolve host address\n"), count: 9)
        }
        let failure = await #expect(throws: Failure.self) { try await build().apply(on: fake.machine) }
        #expect(failure?.message == "app:latest could not be built in 3 attempts, because of the network")
        #expect(builds.count == 3)
    }

    @Test func `an error of the build is not tried again`() async throws {
        engine.answers.withLock {
            $0 = [
                CommandResult(
                    ending: .exited(1), output: Array("Step 2/3 : RUN make\nmain.c: error\n".utf8),
                    errors: Array("The command 'make' returned a non-zero code: 2\n".utf8))
            ]
        }
        let failure = await #expect(throws: Failure.self) { try await build().apply(on: fake.machine) }
        #expect(
            failure?.output == [
                "Step 2/3 : RUN make", "main.c: error", "The command 'make' returned a non-zero code: 2",
            ])
        #expect(failure?.advice?.contains("continues with the one that failed") == true)
        #expect(builds.count == 1)
    }

    @Test(arguments: [
        ("Step 1/9 : FROM scratch\n ---> \nStep 2/9 : RUN make : all\nmain.c\n", 0, "step 2/9: RUN make : all"),
        ("Step 2/9 : RUN make\n", 1, "step 2/9: RUN make, attempt 2"), ("no step\nStepping : on\n", 0, nil),
        ("", 0, nil),
    ])
    func `progress names the step of the build`(_ output: String, _ attempt: Int, _ words: String?) {
        #expect(ImageBuild.step(in: output, attempt) == words)
    }

    @Test func `without docker the check is undetermined`() async throws {
        fake.commands.program("docker") { _ in CommandResult(ending: .notFound) }
        #expect(try await fake.check(image).isUnknown)
        fake.commands.program(
            "docker", status: 1, errors: "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")
        #expect(try await fake.check(image).isUnknown)
    }

    @Test(arguments: [
        Docker.Image("", builtFrom: "/srv/app"), Docker.Image("-x", builtFrom: "/srv/app"),
        Docker.Image("a b", builtFrom: "/srv/app"), Docker.Image("app:", builtFrom: "/srv/app"),
        Docker.Image("app", builtFrom: "srv/app"), Docker.Image("app", builtFrom: "/srv/none"),
        Docker.Image("app", builtFrom: "/srv/app/../app"),
        Docker.Image("app", builtFrom: "/srv/app", dockerfile: "../Dockerfile"),
        Docker.Image("app", builtFrom: "/srv/app", dockerfile: "none"),
        Docker.Image("app", builtFrom: "/srv/app", arguments: ["A=B": ""]),
        Docker.Image("app", builtFrom: "/srv/app", target: "-x"),
        Docker.Image("app", builtFrom: "/srv/app", target: "-\u{301}x"),
        Docker.Image("app", builtFrom: "/srv/app", memoryLimit: .mebibytes(1)),
        Docker.Image("app", builtFrom: "/srv/app", memoryLimit: .ofMemory(2)),
        Docker.Image("app", loadedFrom: "app.tar"), Docker.Image("app", loadedFrom: "/srv/app.tar"),
        Docker.Image("app", loadedFrom: "/srv/app.tar", id: "sha256:abc"),
    ])
    func `invalid declarations are refused`(_ image: Docker.Image) async throws {
        await #expect(throws: Failure.self) { try await fake.check(image) }
        await #expect(throws: Failure.self) { try await image.apply(on: fake.machine) }
        #expect(builds.isEmpty)
    }

    // MARK: Loading

    func putArchive(_ manifest: String) {
        fake.files.put("/srv/app.tar", "tar")
        fake.commands.program("tar", prints: manifest)
    }

    @Test(arguments: ["\(id.dropFirst(7)).json", "blobs/sha256/\(id.dropFirst(7))"])
    func `an archive is loaded once under its name`(_ file: String) async throws {
        putArchive("[{\"Config\":\"\(file)\",\"RepoTags\":[\"other:1\"],\"Layers\":[]}]")
        let image = Docker.Image("app", loadedFrom: "/srv/app.tar")
        #expect(try await fake.obeysLaw(image).reason == "load abababababab from /srv/app.tar")
        #expect(fake.commands.log.contains("docker load --quiet --input /srv/app.tar"))
        engine.images.withLock { $0["app:latest"] = ("sha256:0", nil) }
        #expect(try await fake.obeysLaw(image).reason == "0 → abababababab, from /srv/app.tar")
        // With the ID the archive is no longer needed.
        try fake.files.remove("/srv/app.tar")
        #expect(try await fake.check(Docker.Image("app", loadedFrom: "/srv/app.tar", id: Self.id)) == .satisfied)
    }

    @Test func `an archive with another image is refused`() async throws {
        putArchive("[{\"Config\":\"\(Self.id.dropFirst(7)).json\",\"RepoTags\":null}]")
        let other = "sha256:" + String(repeating: "0", count: 64)
        await #expect(throws: Failure.self) {
            try await fake.check(Docker.Image("app", loadedFrom: "/srv/app.tar", id: other))
        }
        for manifest in [
            "", "[]", "[{}]",
            "[{\"Config\":\"a.json\",\"RepoTags\":[\"b:1\"]},{\"Config\":\"b.json\",\"RepoTags\":[\"c:1\"]}]",
            "[{\"Config\":\"x.json\"}]",
        ] {
            putArchive(manifest)
            await #expect(throws: Failure.self, "\(manifest)") {
                try await fake.check(Docker.Image("app", loadedFrom: "/srv/app.tar"))
            }
        }
        #expect(!fake.commands.log.contains { $0.hasPrefix("docker load") })
    }
}
