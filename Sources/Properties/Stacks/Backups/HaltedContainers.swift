/// Containers of a stack that are stopped or paused for a while and started again afterwards, also if the run is
/// killed.
///
/// Their IDs are written to `.halted`, beside the backups, before the first of them is stopped; a ``HaltWatchdog``
/// starts them if the run's process ends without having done so. So does the next run that makes or restores a backup,
/// and the stack's unit at boot.
struct HaltedContainers {
    let context: StackContext

    init(of context: StackContext) { self.context = context }

    /// The seconds between SIGTERM and SIGKILL, unless a container has a longer ``StopTimeout``.
    static let grace = 30

    /// Marks the containers that were healthy: only these must become healthy again.
    private static let healthyMark = "well"

    private var stack: Stack { context.stack }
    private var machine: Machine { context.machine }
    private var file: FilePath { stack.backups.appending(".halted") }
    private var watchdog: HaltWatchdog { HaltWatchdog(stack: stack, file: file, machine: machine) }

    /// Stops or pauses containers while `body` runs.
    /// - Throws: what `body` throws; ``Failure`` if the containers do not become healthy again.
    func whileHalted(
        _ containers: [StackContainers.Found], _ pause: VolumeBackup.Pause, _ body: () async throws -> Void
    ) async throws {
        let ids = stack.inStartOrder(containers).reversed().map(\.id)
        guard pause != .running, !ids.isEmpty else { return try await body() }
        try await remember(containers)
        do {
            switch pause {
            case .stopped: try await context.stop(ids)
            case .paused: try await machine.succeed(DockerCommand.pause(ids))
            case .running: break
            }
            try await body()
        } catch {
            throw await error.after { [self] in try await resume() }
        }
        try await evenIfInterrupted { [self] in try await resume() }
    }

    /// Records containers that are about to be stopped, and starts the watchdog.
    /// - Throws: an error if either fails; nothing may be stopped then.
    func remember(_ containers: [StackContainers.Found]) async throws {
        guard !containers.isEmpty else { return }
        let lines = stack.inStartOrder(containers).map { found in
            found.id + (found.isRunningWell ? " \(Self.healthyMark)" : "") + "\n"
        }
        try machine.files.createDirectories(stack.backups, mode: 0o700)
        try machine.files.replace(file, with: Array(lines.joined().utf8), mode: 0o600)
        do {
            try await watchdog.start()
        } catch {
            throw await error.after { [self] in try machine.files.remove(file) }
        }
    }

    /// Starts the recorded containers that are stopped or paused, if any, and forgets them.
    func resume() async throws {
        guard let bytes = try machine.files.readIfPresent(file) else { return }
        let lines = String(decoding: bytes, as: UTF8.self).nonEmptyLines.map {
            $0.split(separator: " ").map(String.init)
        }
        let ids = Set(lines.compactMap(\.first))
        let healthy = Set(lines.filter { $0.last == Self.healthyMark }.compactMap(\.first))
        let halted = try await context.reloadContainers().all.filter { ids.contains($0.id) }
        let paused = halted.filter { $0.state == "paused" }.map(\.id)
        if !paused.isEmpty { try await machine.succeed(DockerCommand.unpause(paused)) }
        try await context.start(halted, afterPause: !paused.isEmpty) {
            healthy.contains($0.id)
        }
        try await forget()
    }

    /// Forgets the recorded containers, and stops the watchdog.
    func forget() async throws {
        try machine.files.remove(file)
        try await watchdog.stop()
    }
}

/// A transient unit of systemd that starts the halted containers of a stack if the run is killed.
///
/// It waits for the lock of the run, which the kernel releases when the run's process is gone, however that ended. It
/// does nothing if the containers have been started by then, or if a restore has begun to replace their data.
struct HaltWatchdog {
    let stack: Stack
    /// The record of the containers, a line for each, which begins with its ID.
    let file: FilePath
    let machine: Machine

    private var unit: String { "propel-resume-\(stack.name).service" }

    /// Starts the containers under the lock, twice: the killed run may have left a `docker stop` behind, which goes on
    /// for up to `grace`. systemd would expand `${…}` in it.
    static func script(grace: Duration = .seconds(HaltedContainers.grace)) -> String {
        """
        for delay in 0 \(grace.components.seconds + 10); do
            sleep $delay
            flock "$1" /bin/sh -c "$2" sh "$3" "$4" || exit 1
            [ -e "$3" ] || exit 0
        done
        flock "$1" rm -f -- "$3"
        """
    }

    static let startScript = """
        [ -e "$1" ] && [ ! -e "$2" ] || exit 0
        docker version > /dev/null || exit 1
        while read -r id mark; do
            docker container inspect "$id" > /dev/null 2>&1 || continue
            docker unpause "$id" > /dev/null 2>&1 || docker start "$id" || exit 1
        done < "$1"
        """

    /// - Throws: ``Failure`` if systemd does not start it.
    func start() async throws {
        // One of a killed run.
        try await stop()
        let command = Invocation(
            "systemd-run",
            [
                "--quiet", "--collect", "--unit=\(unit)",
                "--description=Start the containers of \(stack.name) if the run of Propel is killed",
                "--property=Restart=on-failure", "--property=RestartSec=15", "--", "/bin/sh", "-c",
                Self.script(grace: stack.stopGrace), "sh",
                Machine.state.appending("lock").string, Self.startScript, file.string,
                RestoreRecord.mark(of: stack).string,
            ])
        let result = try await machine.run(command)
        guard result.succeeded else {
            var failure = Failure(describing: CommandFailure(command: command, result: result))
            failure.message = "systemd cannot watch over the containers of \(stack.name) while they are stopped"
            failure.advice = "Nothing was stopped. `systemctl status` on the machine may tell more."
            throw failure
        }
    }

    /// Stops it if it is there.
    func stop() async throws {
        // Its status says only whether there is one. A watchdog that stays finds nothing to do.
        _ = try await machine.run(SystemctlCommand.stop([unit]))
    }
}
