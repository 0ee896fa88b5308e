import Synchronization

/// Restarts the machine: when the run is over, whether it succeeded or not, or in the middle of it.
///
///     RaspberryPi.KernelParameter("cgroup_enable", "memory").onChange(Reboot())
///     RaspberryPi.KernelParameter("swapaccount", "1").onChangeNow(Reboot())
///
/// With `onChange` the run ends normally: other actions are performed, and the report arrives. A few seconds after the
/// run has released its lock, systemd restarts the machine.
///
/// With `onChangeNow` the machine restarts before what is declared next. `propel` waits until it is back, for ten
/// minutes at most, and the run goes on by itself. If the machine does not come back, that is the result of the run
/// (exit status 3), and another `propel HOST` goes on from there.
public struct Reboot: RestartingAction {
    public typealias Target = AnyLinux

    public init() {}

    public var name: String { "restart the machine" }
    public func perform(on machine: Machine) async throws { try await machine.scheduleReboot() }

    /// A machine that needs no restart.
    ///
    ///     Reboot.WhenRequired()
    ///     Reboot.WhenRequired(.now)
    ///
    /// Debian's packages and some properties request a restart by the file `/run/reboot-required`. If it exists, the
    /// machine is restarted as by ``Reboot``, and the file is gone. A kernel that is newer than the running one is
    /// another reason: the one that `/vmlinuz` or `/boot/vmlinuz` links to, which is what Debian's packages of kernels
    /// maintain (linux-update-symlinks(1)). A machine that still runs another kernel after a restart for it is not
    /// restarted for it again; that is a failure. It considers the properties declared before it.
    public struct WhenRequired: RestartingProperty {
        public typealias Target = AnyLinux

        /// When a machine is restarted.
        public enum Time: String, Sendable {
            /// When the run is over. Declare the property last.
            case afterRun
            /// Before what is declared next; the run goes on by itself.
            case now
        }

        /// When the machine is restarted.
        public let time: Time

        /// - Parameter time: when the machine is restarted; when the run is over by default.
        public init(_ time: Time = .afterRun) { self.time = time }

        public var goesOnAfterRestart: Bool { time == .now }

        public var name: String {
            goesOnAfterRestart ? "restarted now where that is required" : "restarted where that is required"
        }

        private var intention: String {
            "restart the machine \(goesOnAfterRestart ? "now, then go on" : "when the run is over")"
        }

        public func check(on machine: Machine) async throws -> Check {
            let isNoted = try machine.files.status(of: RebootNote.path) != nil
            let kernel = try await NewerKernel.of(machine)
            guard isNoted || kernel != nil else {
                // Properties that would request a restart may still fail.
                let isExpected = try await machine.fact(ExpectedReboot.self).isExpected
                return isExpected
                    ? .unknown(until: "earlier properties are applied, which needs a restart") : .satisfied
            }
            if try await machine.isRebootScheduled() { return .satisfied }
            if !isNoted { try kernel?.refuseSecondRestart(of: machine) }
            let packages =
                try machine.files.readIfPresent(RebootNote.packages).map { String(decoding: $0, as: UTF8.self) } ?? ""
            var reasons = Set(packages.nonEmptyLines.map(String.init)).sorted()
            if let kernel { reasons.append("the kernel \(kernel.installed) in place of \(kernel.running)") }
            return .unmet(intention + (reasons.isEmpty ? "" : ", for \(reasons.joined(separator: ", "))"))
        }

        public func apply(on machine: Machine) async throws {
            try await NewerKernel.of(machine)?.noteRestart(of: machine)
            try await machine.scheduleReboot()
        }
    }
}

/// Debian's file that requests a restart (`/usr/share/doc/update-notifier-common`, unattended-upgrades(8)). It is in
/// memory, so it is gone after the restart.
enum RebootNote {
    static let path: FilePath = "/run/reboot-required"
    /// The packages that requested it, one per line.
    static let packages: FilePath = "/run/reboot-required.pkgs"
    /// The follow-up if nothing restarts the machine.
    static let followUp = "restart the machine: what was changed takes effect after a restart"
}

/// Whether applying a property that has been checked will request a restart. Forgotten with the next change, as all
/// facts are: by then the request is on the machine.
final class ExpectedReboot: MachineFact {
    private let state = Mutex(false)

    var isExpected: Bool { state.withLock { $0 } }
    fileprivate func expect() { state.withLock { $0 = true } }

    static func read(from machine: Machine) async throws -> ExpectedReboot { ExpectedReboot() }
}

extension Machine {
    /// Notes in a check that applying the property will request a restart.
    func expectReboot() async throws { try await fact(ExpectedReboot.self).expect() }

    /// Requests a restart. Called before the change: an unneeded restart does less harm than a missing one.
    func noteRebootRequired() throws {
        noteFollowUp(RebootNote.followUp)
        guard try files.status(of: RebootNote.path) == nil else { return }
        try files.replace(RebootNote.path, with: Array("*** System restart required ***\n".utf8), mode: 0o644)
    }

    /// Ends the report with a restart if packages have requested one.
    func noteRequestedReboot() throws {
        if try files.status(of: RebootNote.path) != nil { noteFollowUp(RebootNote.followUp) }
    }

    private static let rebootUnit = "propel-reboot.service"

    func isRebootScheduled() async throws -> Bool {
        ["activating", "active"].contains(try await unit(Self.rebootUnit).active)
    }

    /// Has systemd restart the machine after the run: it waits for the lock, and then for the report to arrive.
    func scheduleReboot() async throws {
        let unit = """
            [Unit]
            Description=Restart the machine after the run of Propel

            [Service]
            Type=oneshot
            ExecStart=flock \(Machine.state.appending("lock")) sleep 5
            ExecStart=systemctl --no-block reboot

            """
        let directory: FilePath = "/run/systemd/system"
        guard try files.status(of: directory) != nil else {
            throw Failure(
                "without systemd, the machine cannot be restarted after the run",
                advice: "Restart it by hand.")
        }
        try files.replace(directory.appending(Self.rebootUnit), with: Array(unit.utf8), mode: 0o644)
        try await succeed(SystemctlCommand.daemonReload)
        try await succeed(SystemctlCommand.start(Self.rebootUnit, isBlocking: false))
        removeFollowUp(RebootNote.followUp)
        forgetFacts()
    }
}
