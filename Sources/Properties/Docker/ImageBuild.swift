/// The build of an image on a machine with little memory and an unreliable network.
struct ImageBuild: Sendable {
    /// The name with its tag.
    let image: String
    let context: BuildContext
    let memoryLimit: SwapFile.Size?
    let memoryAndSwap: ByteSize
    let timeout: Duration
    /// The pauses after attempts that fail because of the network. There is one attempt more than there are pauses.
    var pauses = NetworkError.pauses

    /// The label with the hash of everything that the image was built from.
    static let label = "propel.source"

    func check(on machine: Machine) async throws -> Check {
        let hash = try await context.hash(on: machine)
        let present = try await FoundImage.known(image, on: machine)
        if let present, present.labels[Self.label] == hash { return .satisfied }
        let builder = try await ImageBuilder.choose(for: context, image: image, on: machine)
        try await requireMemory(for: builder, on: machine)
        let how = builder == .buildKit ? " with BuildKit" : ""
        guard let present else { return .unmet("build it\(how) from \(context)") }
        return .unmet(
            present.labels[Self.label] == nil
                ? "build it\(how) from \(context): the present image was not built by Propel"
                : "build it again\(how): \(context) has changed")
    }

    func apply(on machine: Machine) async throws {
        let hash = try await context.hash(on: machine)
        let builder = try await ImageBuilder.choose(for: context, image: image, on: machine)
        try await requireMemory(for: builder, on: machine)
        let command = try command(builder, hash: hash, on: machine)
        // BuildKit shows its progress there.
        let invocation = builder == .buildKit ? command.withErrorsInOutput : command
        var attempts = 0
        // Each attempt reuses the layers of the steps that succeeded.
        let result = try await NetworkError.tryingAgain(pauses, reaching: Self.origin, on: machine) { attempt in
            attempts += 1
            return try await machine.run(invocation) { Self.step(in: $0, attempt) }
        }
        guard !result.succeeded else { return }
        var failure = failure(command, result)
        if NetworkError.isReason(for: result) {
            failure.message += (attempts > 1 ? " in \(attempts) attempts" : "") + ", because of the network"
            failure.advice =
                "Check whether the machine can reach what the step downloads, then run again: it continues with "
                + "this step."
        }
        throw failure
    }

    /// The name of the mirrors that the steps of builds download from, for ``NetworkOutages``. Builds on one machine
    /// share their mirrors.
    private static let origin = "what the build downloads from"

    /// The last step in docker's output: “step 3/9: RUN make”.
    static func step(in output: String, _ attempt: Int) -> String? {
        for line in output.lines.reversed() {
            guard let words = classicStep(line) ?? buildKitStep(line) else { continue }
            return "step " + words + (attempt == 0 ? "" : ", attempt \(attempt + 1)")
        }
        return nil
    }

    /// `Step 3/9 : RUN make`
    private static func classicStep(_ line: Substring) -> String? {
        guard line.hasPrefix("Step "), line.firstRange(of: " : ") != nil else { return nil }
        return String(line.dropFirst(5).prefix(100)).replacing(" : ", with: ": ", maxReplacements: 1)
    }

    /// `#7 [build 3/9] RUN make`; others are output of a step, or work of BuildKit itself.
    private static func buildKitStep(_ line: Substring) -> String? {
        guard line.hasPrefix("#"), let space = line.firstIndex(of: " "), line[space...].hasPrefix(" ["),
            let end = line[space...].firstRange(of: "] ")
        else { return nil }
        let name = line[space..<end.lowerBound].dropFirst(2)
        guard !name.hasPrefix("internal"), name.contains("/") else { return nil }
        return "\(name): \(line[end.upperBound...].prefix(90))"
    }

    private func command(_ builder: ImageBuilder, hash: String, on machine: Machine) throws -> Invocation {
        var options = ["--tag", image, "--label", "\(Self.label)=\(hash)"]
        // BuildKit knows neither: it has no containers to remove, and ignores limits.
        if builder == .classic { options.append("--force-rm") }
        options += ["--file", context.directory.appending(context.dockerfile).string]
        if builder == .classic, let limit = try limit(on: machine) {
            // The second limits memory and swap together: as much swap as there is.
            options += ["--memory", "\(limit)", "--memory-swap", "-1"]
        }
        if let target = context.target { options += ["--target", target] }
        for (key, value) in context.arguments.sorted(by: { $0.key < $1.key }) {
            options += ["--build-arg", "\(key)=\(value)"]
        }
        return DockerCommand.build(options, context: context.directory, builder: builder, timeout: timeout)
    }

    /// In bytes.
    private func limit(on machine: Machine) throws -> Int? {
        let bytes: Int
        switch memoryLimit {
        case nil: return nil
        case .bytes(let size): bytes = size.bytes
        case .ofMemory(let factor):
            guard factor > 0, factor <= 1 else {
                throw Failure(
                    "invalid memory limit \(factor) × memory",
                    advice: "Give a factor above 0, at most 1: .ofMemory(0.75).")
            }
            bytes = Int(Double(try Memory(of: machine).total) * factor)
        }
        // Docker accepts 6 MiB, which no step can work with.
        guard bytes >= 32 << 20 else {
            throw Failure(
                "a memory limit of \(ByteSize(bytes: bytes)) is too small for a build", advice: "Give 32 MiB at least.")
        }
        return bytes
    }

    /// - Throws: ``Failure`` if the machine has too little memory for the build, or cannot limit it.
    private func requireMemory(for builder: ImageBuilder, on machine: Machine) async throws {
        let memory = try Memory(of: machine).total
        let swap =
            try machine.files.status(of: "/proc/swaps") == nil
            ? 0 : SwapAreas(of: machine).areas.reduce(0) { $0 + $1.size }
        guard memory + swap >= memoryAndSwap.bytes else {
            throw Failure(
                "not enough memory to build \(image): there are \(memory >> 20) MiB and \(swap >> 20) MiB of swap, "
                    + "and \(memoryAndSwap) together are required",
                advice:
                    "Declare SwapFile(\"/swapfile\", size: "
                    + ".mebibytes(\((memoryAndSwap.bytes - memory + (64 << 20)) >> 20))) before this, or a "
                    + "smaller memoryAndSwap."
            )
        }
        // An invalid limit is an error for both.
        guard try limit(on: machine) != nil, builder == .classic else { return }
        let answer = try await machine.succeed(DockerCommand.info(format: "{{.MemoryLimit}}")).text.trimmed
        guard answer == "true" else {
            throw Failure(
                "the kernel of this machine cannot limit the memory of a build",
                advice:
                    "On a Raspberry Pi declare RaspberryPi.KernelParameter(\"cgroup_enable\", \"memory\") and "
                    + "restart it; or declare memoryLimit: nil."
            )
        }
    }

    private func failure(_ command: Invocation, _ result: CommandResult) -> Failure {
        func lines(_ bytes: [UInt8], _ count: Int) -> [String] {
            Array(Failure.lastLines(of: bytes).suffix(count))
        }
        // Standard output has the output of the step, standard error the reason why docker ended.
        let errors = lines(result.errors, 5)
        let output = lines(result.output, Failure.outputLineLimit - errors.count) + errors
        var advice = "Steps that succeeded are kept: the next run continues with the one that failed."
        func says(_ phrase: String) -> Bool { output.contains { $0.firstRange(of: phrase) != nil } }
        if says("non-zero code: 137") || says("exit code: 137") {
            advice = "It was killed, probably because memory and swap ran out: declare a larger SwapFile. " + advice
        }
        if says("requires BuildKit") {
            advice =
                "Rewrite the step without the syntax of BuildKit, or build the image elsewhere and load it: "
                + "Docker.Image(…, loadedFrom: …)."
        }
        if says("failed to solve"), says("nknown instruction") || says("nknown flag") {
            advice =
                "The Dockerfile may be newer than this docker: begin it with `# syntax=docker/dockerfile:1`, and "
                + "BuildKit fetches what it needs for that."
        }
        return Failure(
            "\(image) could not be built", command: command.description, ending: result.ending.description,
            output: output, advice: advice)
    }
}

extension Invocation {
    /// The same with one output for both, in the order in which it is written.
    fileprivate var withErrorsInOutput: Invocation {
        Invocation(
            "/bin/sh", ["-c", #"exec "$@" 2>&1"#, "sh", program] + arguments, environment: environment, input: input,
            timeout: timeout)
    }
}
