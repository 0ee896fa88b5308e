import PropelTesting
import Testing

@testable import Properties

/// Dockerfiles that the classic builder cannot build.
extension ImageTests {
    /// A Dockerfile with a cache, and a shell that passes both outputs on as one.
    private func needBuildKit(_ dockerfile: String = "FROM scratch\nRUN --mount=type=cache,target=/c make\n") {
        fake.files.put("/srv/app/Dockerfile", dockerfile)
        fake.commands.program("/bin/sh") { [engine] command in
            guard command.arguments.prefix(4) == ["-c", #"exec "$@" 2>&1"#, "sh", "docker"] else { return .failing() }
            return try Self.docker(
                Invocation("docker", Array(command.arguments.dropFirst(4)), environment: command.environment), engine)
        }
    }

    private func install(_ plugin: String) {
        fake.files.put(FilePath("/usr/libexec/docker/cli-plugins").appending(plugin), "", mode: 0o755)
    }

    private var builders: [String] { engine.builders.withLock { $0 } }

    @Test func `the command of Debian 12 has BuildKit built in`() async throws {
        needBuildKit()
        engine.canLimit.withLock { $0 = false }
        #expect(
            try await fake.obeysLaw(image).reason == "build it with BuildKit from /srv/app (stage run, A=1 x, B=2)")
        #expect(builders == ["1"])
        let build = try #require(fake.commands.log.last { $0.contains(" build ") })
        #expect(build.contains(" docker build --progress plain --tag app:latest --label propel.source="))
        // It knows neither.
        #expect(!build.contains("--memory") && !build.contains("--force-rm"))
        #expect(build.hasSuffix(" --target run --build-arg 'A=1 x' --build-arg B=2 -- /srv/app"))
        fake.files.put("/srv/app/main.c", "int Main;\n")
        #expect(
            try await fake.check(image).reason
                == "build it again with BuildKit: /srv/app (stage run, A=1 x, B=2) has changed")
    }

    @Test func `a newer command needs buildx for it`() async throws {
        needBuildKit()
        engine.version.withLock { $0 = "26.1.5+dfsg1" }
        let failure = await #expect(throws: Failure.self) { try await fake.check(image) }
        #expect(
            failure?.message
                == "app:latest needs BuildKit, which the docker of this machine lacks: Dockerfile, line 2: RUN --mount")
        #expect(failure?.advice?.hasPrefix("Declare Docker.BuildKit() before it") == true)
        await #expect(throws: Failure.self) { try await image.apply(on: fake.machine) }
        #expect(builders.isEmpty)
        install("docker-buildx")
        try await fake.obeysLaw(image)
        #expect(builders == ["1"])
    }

    @Test func `all others are built as before`() async throws {
        install("docker-buildx")
        try await fake.obeysLaw(image)
        #expect(builders == ["0"])
        #expect(!fake.commands.log.contains { $0.hasPrefix("docker version") })
    }

    @Test func `an argument of BuildKit is set where it can be`() async throws {
        needBuildKit("FROM scratch\nARG TARGETARCH\nRUN make $TARGETARCH\n")
        engine.version.withLock { $0 = "26.1.5" }
        try await fake.obeysLaw(image)
        install("docker-buildx")
        fake.files.put("/srv/app/main.c", "int Main;\n")
        try await fake.obeysLaw(image)
        #expect(builders == ["0", "1"])
    }

    @Test func `the ignored files are those of BuildKit`() async throws {
        needBuildKit()
        fake.files.put("/srv/app/.dockerignore", "main.c\n")
        fake.files.put("/srv/app/Dockerfile.dockerignore", "other\n")
        try await fake.obeysLaw(image)
        fake.files.put("/srv/app/main.c", "int Main;\n")
        #expect(try await fake.check(image) != .satisfied)
    }

    @Test func `a failure of BuildKit has its last lines`() async throws {
        needBuildKit()
        func failure(_ output: String) async -> Failure? {
            engine.answers.withLock { $0 = [CommandResult(ending: .exited(1), output: Array(output.utf8))] }
            return await #expect(throws: Failure.self) { try await image.apply(on: fake.machine) }
        }
        let killed = await failure(
            "#7 0.2 main.c: error\nERROR: failed to solve: process \"make\" did not complete successfully: exit code: 137\n"
        )
        #expect(killed?.output.first == "#7 0.2 main.c: error")
        #expect(killed?.advice?.contains("declare a larger SwapFile") == true)
        #expect(killed?.command?.hasPrefix("docker build") == true)
        let old = await failure("failed to solve with frontend dockerfile.v0: unknown instruction: echo\n")
        #expect(old?.advice?.contains("begin it with `# syntax=docker/dockerfile:1`") == true)
    }

    @Test(arguments: [
        ("#5 [1/3] FROM scratch\n#6 [2/3] RUN make\n#6 0.1 [x] y/z\n", "step 2/3: RUN make"),
        ("#9 [build 3/4] COPY a b\n#9 CACHED\n", "step build 3/4: COPY a b"),
        ("#1 [internal] load build definition from a/Dockerfile\n#2 [auth] a/b:pull token\n", nil),
        // The classic builder passes on what a step prints.
        ("Step 1/2 : RUN make\n#] [x\n#] [x] y/z\n", "step 1/2: RUN make"),
    ])
    func `progress names the step of BuildKit`(_ output: String, _ words: String?) {
        #expect(ImageBuild.step(in: output, 0) == words)
    }
}
