/// The building of an image on a machine that has little memory and a line that drops.
struct ImageBuild: Sendable {
    /// With its tag.
    let image: String
    let context: BuildContext
    let memoryLimit: SwapFile.Size?
    let memoryAndSwap: ByteSize
    let timeout: Duration
    /// What is waited after each attempt that the network made fail; when there is none left, it has failed.
    var pauses = NetworkError.pauses

    /// The label that has the hash of what the image was built from.
    static let label = "propel.source"

    func check(on machine: Machine) async throws -> Check {
        let hash = try await context.hash(on: machine)
        switch try await FoundImage.look(for: image, on: machine) {
        case .unknown(let until): return .unknown(until: until)
        case .absent:
            try await requireMemory(on: machine)
            return .unmet("build it from \(context)")
        case .found(let present):
            if present.labels[Self.label] == hash { return .satisfied }
            try await requireMemory(on: machine)
            return .unmet(
                present.labels[Self.label] == nil
                    ? "build it from \(context): what is there was built otherwise"
                    : "build it anew: \(context) has changed")
        }
    }

    func apply(on machine: Machine) async throws {
        try await requireMemory(on: machine)
        let hash = try await context.hash(on: machine)
        let command = try await command(hash: hash, on: machine)
        // Each attempt finds the layers of the steps that succeeded.
        let result = try await NetworkError.tryingAgain(pauses) { attempt in
            try await machine.run(command) { Self.step(in: $0, attempt) }
        }
        guard !result.succeeded else { return }
        var failure = failure(command, result)
        if NetworkError.isReason(for: result) {
            failure.message += ", \(pauses.count + 1) times, for want of the network"
            failure.advice =
                "See whether the machine reaches what the step needs, then run again: it goes on with this step."
        }
        throw failure
    }

    /// The last step that docker tells of: “step 3/9: RUN make”.
    static func step(in output: String, _ attempt: Int) -> String? {
        let lines = output.split(separator: "\n")
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
            // The second is of memory and swap together: as much swap as there is.
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
                    "a memory limit of \(factor) × memory is none",
                    advice: "Give a factor above 0, at most 1: .ofMemory(0.75).")
            }
            bytes = Int(Double(try Memory(of: machine).total) * factor)
        }
        // Docker takes no less than 6 MiB; no step is of use with that.
        guard bytes >= 32 << 20 else {
            throw Failure(
                "a memory limit of \(ByteSize(bytes: bytes)) is too small for a build", advice: "Give 32 MiB at least.")
        }
        return bytes
    }

    /// - Throws: ``Failure`` where the machine has too little for the build, or cannot limit it.
    private func requireMemory(on machine: Machine) async throws {
        let memory = try Memory(of: machine).total
        let swap =
            try machine.files.status(of: "/proc/swaps") == nil
            ? 0 : SwapAreas(of: machine).areas.reduce(0) { $0 + $1.size }
        guard memory + swap >= memoryAndSwap.bytes else {
            throw Failure(
                "\(image) is not built with so little memory: there are \(memory >> 20) MiB and \(swap >> 20) MiB of swap, and \(memoryAndSwap) together are asked for",
                advice:
                    "Declare SwapFile(\"/swapfile\", size: .mebibytes(\((memoryAndSwap.bytes - memory + (64 << 20)) >> 20))) before this, or a smaller memoryAndSwap. Nothing was begun."
            )
        }
        guard try limit(on: machine) != nil else { return }
        let answer = try await machine.succeed(DockerCommand.info(format: "{{.MemoryLimit}}")).text.trimmed
        guard answer == "true" else {
            throw Failure(
                "the kernel of this machine cannot limit the memory of a build",
                advice:
                    "On a Raspberry Pi declare RaspberryPi.KernelParameter(\"cgroup_enable\", \"memory\") and restart it; or give memoryLimit: nil."
            )
        }
    }

    private func failure(_ command: Invocation, _ result: CommandResult) -> Failure {
        func lines(_ bytes: [UInt8], _ count: Int) -> [String] {
            String(decoding: bytes.suffix(16 * 1024), as: UTF8.self).split(whereSeparator: \.isNewline).suffix(count)
                .map(String.init)
        }
        // What the step printed is on one, why docker ended on the other.
        let errors = lines(result.errors, 5)
        let output = lines(result.output, Failure.outputLineLimit - errors.count) + errors
        var advice = "The steps that succeeded are kept: when this is put right, it goes on with the one that failed."
        if errors.contains(where: { $0.firstRange(of: "non-zero code: 137") != nil }) {
            advice = "It was killed, most likely since memory and swap ran out: declare a larger SwapFile. " + advice
        }
        if output.contains(where: { $0.firstRange(of: "requires BuildKit") != nil }) {
            advice =
                "Rewrite the step without what only BuildKit understands, or build the image elsewhere and load it: Docker.Image(…, loadedFrom: …)."
        }
        return Failure(
            "\(image) could not be built", command: command.description, ending: result.ending.description,
            output: output, advice: advice)
    }
}

/// How programs say that the network has failed them.
enum NetworkError {
    /// What is waited after each attempt, by default.
    static let pauses: [Duration] = [.seconds(5), .seconds(15), .seconds(30), .seconds(60), .seconds(120)]

    /// Runs a program again after each pause as long as the network makes it fail.
    /// - Parameter attempt: runs it; counted from 0.
    static func tryingAgain(
        _ pauses: [Duration], _ attempt: (Int) async throws -> CommandResult
    ) async throws -> CommandResult {
        for (count, pause) in pauses.enumerated() {
            let result = try await attempt(count)
            guard !result.succeeded, isReason(for: result) else { return result }
            try await Task.sleep(for: pause)
        }
        return try await attempt(pauses.count)
    }

    static func isReason(for result: CommandResult) -> Bool {
        guard case .exited = result.ending else { return false }
        // Of a long build only the end of the last step says why it ended.
        let output = String(decoding: result.output.suffix(4096), as: UTF8.self).lowercased()
        let text =
            output[(output.ranges(of: "\nstep ").last?.upperBound ?? output.startIndex)...]
            + String(decoding: result.errors.suffix(4096), as: UTF8.self).lowercased()
        return phrases.contains { text.firstRange(of: $0) != nil }
    }

    /// Of docker, apt, curl, wget, git, pip, npm and Go, in small letters.
    private static let phrases = [
        "temporary failure resolving", "temporary failure in name resolution", "could not resolve host",
        "couldn't resolve host",
        "unable to resolve host address", "eai_again", "server misbehaving", "no such host",
        "connection timed out", "connection reset", "connection refused", "econnreset", "etimedout",
        "network is unreachable",
        "no route to host", "tls handshake timeout", "i/o timeout", "read timed out", "operation timed out",
        "could not connect to", "failed to connect to", "connection broken", "early eof", "the remote end hung up",
        "request canceled while waiting",
        "503 service unavailable", "502 bad gateway", "504 gateway",
    ]
}
