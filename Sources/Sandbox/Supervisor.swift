import Foundation
import PlainText
import Subprocess
import Vocabulary

/// The shell that runs a machine. It outlives this process, and boots the machine again after a reboot.
struct Supervisor {
    let machine: SandboxMachine

    /// Held by the shell.
    private var alive: FileLock { FileLock(path: "\(machine.directory)/alive") }
    private var ending: String { "\(machine.directory)/ending" }
    /// The name for nspawn, which must not be that of another container.
    private var containerName: String { "propel-sandbox-\(machine.name)" }

    var isAlive: Bool { alive.isHeld }

    /// The exit status of nspawn; nil while it runs.
    private var exitStatus: String? { readFile(ending)?.trimmed }

    /// systemd-nspawn exits with 133 if the machine reboots (systemd-nspawn(1)).
    private static let script = """
        umask 022
        alive=$1 ending=$2 console=$3 groups=$4; shift 4
        exec 9>"$alive" && flock --nonblock 9 || exit 1
        exec </dev/null >>"$console" 2>&1
        trap 'echo "$status" >"$ending"' EXIT
        status='the supervisor failed'
        echo "$groups" | while read -r group; do echo $$ >"$group/cgroup.procs" || exit 1; done || exit 1
        while :; do
            "$@" 9>&-
            status=$?
            [ "$status" = 133 ] || exit 0
        done
        """

    /// Starts the machine and returns while it boots.
    func start(_ suite: DebianRelease, groups: ControlGroups) async throws {
        guard access("\(machine.base)/usr", F_OK) == 0 else {
            throw SandboxError.file(
                machine.base,
                reason:
                    "the Debian of the sandbox \(machine.name) is missing: "
                    + "remove the sandbox with propel sandbox down \(machine.name)"
            )
        }
        unlink(ending)
        try groups.make()
        var nspawn = [
            "systemd-nspawn", "--boot", "--quiet", "--settings=no", "--directory=\(machine.root)",
            "--overlay=\(machine.base)/usr:\(machine.usr):/usr",
            "--machine=\(containerName)", "--hostname=\(machine.name)", "--network-bridge=\(Network.bridge)",
            "--register=no", "--keep-unit", "--capability=all",
            // For swap files, and for docker, which needs keyrings and BPF.
            "--system-call-filter=@swap @keyring add_key keyctl bpf",
            // The machine has its own time zone and name servers; its journal is not linked on this computer.
            "--timezone=off", "--resolv-conf=off", "--link-journal=no",
        ]
        var environment: [Environment.Key: String] = [
            "PATH": LocalCommand.searchPath.joined(separator: ":"), "LC_ALL": "C",
        ]
        if suite == .trixie, ControlGroups.areVersion1 {
            // systemd 257 refuses version 1 of the control groups without both settings.
            environment["SYSTEMD_NSPAWN_UNIFIED_HIERARCHY"] = "0"
            nspawn += ["systemd.unified_cgroup_hierarchy=0", "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"]
        }
        let paths = groups.paths.joined(separator: "\n")
        let arguments =
            ["--fork", "/bin/sh", "-c", Self.script, "propel-sandbox", alive.path, ending, machine.console, paths]
            + nspawn
        let result = try await run(
            .name("setsid"), arguments: Arguments(arguments),
            environment: .custom(environment), workingDirectory: "/", output: .discarded)
        guard result.terminationStatus.isSuccess else {
            throw didNotBoot("setsid failed: \(result.terminationStatus)")
        }
    }

    /// Waits until the ssh server listens.
    /// - Returns: false if the machine ends before that.
    /// - Throws: ``SandboxError/didNotBoot(_:reason:console:)`` after three minutes. A boot takes seconds, but longer
    ///   on a busy computer.
    func waitUntilReady(at address: String) async throws -> Bool {
        var start = TimeLimit(.seconds(20)), boot = TimeLimit(.seconds(180))
        while !isListening(at: address) {
            if exitStatus != nil { return false }
            // Until the shell has its lock, it looks as if it had been killed.
            if start.hasPassed(), !isAlive { return false }
            if boot.hasPassed() {
                throw didNotBoot("no ssh server at \(address) within three minutes")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return true
    }

    private func isListening(at address: String) -> Bool {
        guard let record = try? machine.record() else { return false }
        guard let initial = ControlGroups(paths: record.controlGroups).processes.first(where: Self.isInit) else {
            return false
        }
        return SSHPort.isOpen(at: address, seenBy: initial)
    }

    /// The error of a machine that has ended.
    var endedEarly: SandboxError {
        didNotBoot(exitStatus.map { "systemd-nspawn exited with status \($0)" } ?? "its supervisor was killed")
    }

    private func didNotBoot(_ reason: String) -> SandboxError {
        .didNotBoot(machine.name, reason: reason, console: lastLines(of: readFile(machine.console) ?? "", 15))
    }

    /// Kills all processes of the machine, switches off its swap, and removes what a killed supervisor or nspawn has
    /// left. Does nothing if the machine is not running.
    func stop() async throws {
        let groups =
            (try? machine.record()).map { ControlGroups(paths: $0.controlGroups) }
            ?? ControlGroups(forNewMachine: machine.name)
        let processes = groups.processes
        // First the shell, so that it does not start the machine again. Then init of the machine, which takes all its
        // processes with it and lets nspawn clean up.
        let shells = processes.filter { Self.isShell($0, of: alive.path) }
        for shell in shells { kill(shell, SIGKILL) }
        for process in processes where Self.isInit(process) { kill(process, SIGKILL) }
        for step in 0..<1000 {
            let left = groups.processes
            if left.isEmpty { break }
            // nspawn had time to clean up.
            if step >= 200 { for process in left { kill(process, SIGKILL) } }
            try await Task.sleep(for: .milliseconds(10))
        }
        guard groups.processes.isEmpty else {
            throw SandboxError.file(
                machine.directory, reason: "processes \(groups.processes.sorted()) cannot be killed")
        }
        try await groups.remove()
        try await Swap.switchOff(below: machine.root)
        try await removeLeftovers()
    }

    private static func isShell(_ process: pid_t, of lock: String) -> Bool {
        (readFile("/proc/\(process)/cmdline") ?? "").split(separator: "\0").contains { $0 == lock }
    }

    /// Whether the process is the init of another PID namespace.
    private static func isInit(_ process: pid_t) -> Bool {
        let line = (readFile("/proc/\(process)/status") ?? "").nonEmptyLines.first { $0.hasPrefix("NSpid:") }
        let numbers = line?.split(whereSeparator: \.isWhitespace).dropFirst() ?? []
        return numbers.count == 2 && numbers.last == "1"
    }

    /// Removes files that nspawn leaves when it is killed.
    private func removeLeftovers() async throws {
        rmdir("/run/systemd/nspawn/propagate/\(containerName)")
        var information = stat()
        if lstat(machine.root, &information) == 0 {
            unlink("/run/systemd/nspawn/locks/inode-\(information.st_dev):\(information.st_ino)")
        }
        // Its lock on the directory, and the working directory of the overlay.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: machine.directory)) ?? []
        for name in names where name.hasPrefix(".#") { try await removeTree("\(machine.directory)/\(name)") }
    }
}
