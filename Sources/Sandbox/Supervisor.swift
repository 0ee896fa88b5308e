import Vocabulary
import Foundation
import Subprocess

/// The processes of a machine: a shell that outlives the caller and boots the machine again when it asks for that.
struct Supervisor {
    let machine: Machine

    /// Held by the shell alone, and so for as long as somebody watches over the machine.
    private var alive: FileLock { FileLock(path: "\(machine.directory)/alive") }
    private var ending: String { "\(machine.directory)/ending" }
    /// nspawn's name for it, which must not be that of a container of the user's.
    private var containerName: String { "propel-sandbox-\(machine.name)" }

    var isAlive: Bool { alive.isHeld }

    /// How the machine ended, once it has.
    private var exitStatus: String? { readFile(ending)?.trimmingCharacters(in: .whitespacesAndNewlines) }

    /// systemd-nspawn ends with 133 when the machine wants to reboot (systemd-nspawn(1)), and only then is it started again.
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

    /// Starts the machine; returns while it boots.
    func start(_ suite: DebianRelease, groups: ControlGroups) async throws {
        guard access("\(machine.base)/usr", F_OK) == 0 else {
            throw SandboxError.file(
                machine.base,
                reason:
                    "the Debian that '\(machine.name)' was made from is gone. Start afresh with: propel sandbox down \(machine.name)"
            )
        }
        unlink(ending)
        try groups.make()
        var nspawn = [
            "systemd-nspawn", "--boot", "--quiet", "--settings=no", "--directory=\(machine.root)",
            "--overlay=\(machine.base)/usr:\(machine.usr):/usr",
            "--machine=\(containerName)", "--hostname=\(machine.name)", "--network-bridge=\(Network.bridge)",
            "--register=no", "--keep-unit", "--capability=all",
            // swap; and keyrings and BPF, which docker needs.
            "--system-call-filter=@swap @keyring add_key keyctl bpf",
            // The time zone and name servers are the machine's own; its journal leaves no link on this machine.
            "--timezone=off", "--resolv-conf=off", "--link-journal=no",
        ]
        var environment = ["PATH": Command.searchPath.joined(separator: ":"), "LC_ALL": "C"]
        if suite == .trixie, ControlGroups.areVersion1 {
            // systemd 257 refuses version 1 of the control groups unless it is told twice.
            environment["SYSTEMD_NSPAWN_UNIFIED_HIERARCHY"] = "0"
            nspawn += ["systemd.unified_cgroup_hierarchy=0", "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"]
        }
        let paths = groups.paths.joined(separator: "\n")
        let arguments =
            ["--fork", "/bin/sh", "-c", Self.script, "propel-sandbox", alive.path, ending, machine.console, paths]
            + nspawn
        let result = try await run(
            .name("setsid"), arguments: Arguments(arguments),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })),
            workingDirectory: "/", output: .discarded)
        guard result.terminationStatus.isSuccess else {
            throw didNotBoot("setsid failed: \(result.terminationStatus)")
        }
    }

    /// Waits until the machine's ssh server listens.
    /// - Returns: False where the machine ends before that.
    /// - Throws: `SandboxError.didNotBoot` after three minutes: a boot takes seconds, but on a computer that has much else to do.
    func waitUntilReady(at address: String) async throws -> Bool {
        let clock = ContinuousClock()
        let start = clock.now
        while !isListening(at: address) {
            if exitStatus != nil { return false }
            // The shell takes its lock in its first moments; before that it cannot be told from one that was killed.
            if clock.now - start > .seconds(5), !isAlive { return false }
            if clock.now - start > .seconds(180) {
                throw didNotBoot("no ssh server answered at \(address) for three minutes")
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

    /// Why a machine that ended did so.
    var endedEarly: SandboxError {
        didNotBoot(exitStatus.map { "systemd-nspawn ended with status \($0)" } ?? "its supervisor was killed")
    }

    private func didNotBoot(_ reason: String) -> SandboxError {
        .didNotBoot(machine.name, reason: reason, console: lastLines(of: readFile(machine.console) ?? "", 15))
    }

    /// Ends every process of the machine at once and switches off its swap; harmless where it does not run. What a killed
    /// supervisor or nspawn left behind is cleared too.
    func stop() async throws {
        let groups =
            (try? machine.record()).map { ControlGroups(paths: $0.controlGroups) }
            ?? ControlGroups(forNewMachine: machine.name)
        let processes = groups.processes
        // First those outside the machine's own name space: the shell (so that it starts nothing again); then the machine's
        // init, whose end takes the machine's processes with it and lets nspawn clear its own traces.
        let shells = processes.filter { Self.isShell($0, of: alive.path) }
        for shell in shells { kill(shell, SIGKILL) }
        for process in processes where Self.isInit(process) { kill(process, SIGKILL) }
        for step in 0..<1000 {
            let left = groups.processes
            if left.isEmpty { break }
            // nspawn had its time.
            if step >= 200 { for process in left { kill(process, SIGKILL) } }
            try await Task.sleep(for: .milliseconds(10))
        }
        guard groups.processes.isEmpty else {
            throw SandboxError.file(machine.directory, reason: "processes \(groups.processes.sorted()) do not end")
        }
        try await groups.remove()
        try await Swap.switchOff(below: machine.root)
        try await clearTraces()
    }

    private static func isShell(_ process: pid_t, of lock: String) -> Bool {
        (readFile("/proc/\(process)/cmdline") ?? "").split(separator: "\0").contains { $0 == lock }
    }

    /// Whether the process is the first one of a process name space other than ours.
    private static func isInit(_ process: pid_t) -> Bool {
        let line = (readFile("/proc/\(process)/status") ?? "").split(separator: "\n").first { $0.hasPrefix("NSpid:") }
        let numbers = line?.split(whereSeparator: \.isWhitespace).dropFirst() ?? []
        return numbers.count == 2 && numbers.last == "1"
    }

    /// What nspawn leaves when it is killed.
    private func clearTraces() async throws {
        rmdir("/run/systemd/nspawn/propagate/\(containerName)")
        var information = stat()
        if lstat(machine.root, &information) == 0 {
            unlink("/run/systemd/nspawn/locks/inode-\(information.st_dev):\(information.st_ino)")
        }
        // Its lock on the directory, and the overlay's working directory.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: machine.directory)) ?? []
        for name in names where name.hasPrefix(".#") { try await removeTree("\(machine.directory)/\(name)") }
    }
}
