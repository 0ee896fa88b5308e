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
        guard let present = try await FoundImage.find(image, on: machine) else {
            try await requireMemory(on: machine)
            return .unmet("build it from \(context)")
        }
        if present.labels[Self.label] == hash { return .satisfied }
        try await requireMemory(on: machine)
        return .unmet(
            present.labels[Self.label] == nil
                ? "build it from \(context): the present image was not built by Propel"
                : "build it again: \(context) has changed")
    }

    func apply(on machine: Machine) async throws {
        try await requireMemory(on: machine)
        let hash = try await context.hash(on: machine)
        let command = try await command(hash: hash, on: machine)
        var attempts = 0
        // Each attempt reuses the layers of the steps that succeeded.
        let result = try await NetworkError.tryingAgain(pauses, reaching: Self.origin, on: machine) { attempt in
            attempts += 1
            return try await machine.run(command) { Self.step(in: $0, attempt) }
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
        let lines = output.lines
        guard let line = lines.last(where: { $0.hasPrefix("Step ") && $0.firstRange(of: " : ") != nil }) else {
            return nil
        }
        return "step " + line.dropFirst(5).prefix(100).replacing(" : ", with: ": ", maxReplacements: 1)
            + (attempt == 0 ? "" : ", attempt \(attempt + 1)")
    }

    private func command(hash: String, on machine: Machine) async throws -> Invocation {
        var options = [
            "--tag", image, "--label", "\(Self.label)=\(hash)", "--force-rm", "--file",
            context.directory.appending(context.dockerfile).string,
        ]
        if let limit = try limit(on: machine) {
            // The second limits memory and swap together: as much swap as there is.
            options += ["--memory", "\(limit)", "--memory-swap", "-1"]
        }
        if let target = context.target { options += ["--target", target] }
        for (key, value) in context.arguments.sorted(by: { $0.key < $1.key }) {
            options += ["--build-arg", "\(key)=\(value)"]
        }
        return DockerCommand.build(options, context: context.directory, timeout: timeout)
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
    private func requireMemory(on machine: Machine) async throws {
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
        guard try limit(on: machine) != nil else { return }
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
        if errors.contains(where: { $0.firstRange(of: "non-zero code: 137") != nil }) {
            advice = "It was killed, probably because memory and swap ran out: declare a larger SwapFile. " + advice
        }
        if output.contains(where: { $0.firstRange(of: "requires BuildKit") != nil }) {
            advice =
                "Rewrite the step without the syntax of BuildKit, or build the image elsewhere and load it: "
                + "Docker.Image(…, loadedFrom: …)."
        }
        return Failure(
            "\(image) could not be built", command: command.description, ending: result.ending.description,
            output: output, advice: advice)
    }
}
