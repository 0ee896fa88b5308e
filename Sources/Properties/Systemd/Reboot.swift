import Synchronization

/// Restarts the machine when the run is over, whether it succeeded or not.
///
///     RaspberryPi.KernelParameter("cgroup_enable", "memory").onChange(Reboot())
///
/// The run ends as it always does: the other actions are performed, and its report arrives. A few seconds after it has given
/// back its lock, systemd restarts the machine. What it is like afterwards is what the next run finds.
public struct Reboot: Action {
    public typealias Target = AnyLinux

    public init() {}

    public var name: String { "restart the machine when the run is over" }
    public func perform(on machine: Machine) async throws { try await machine.scheduleReboot() }

    /// That nothing on the machine waits for a restart.
    ///
    ///     Reboot.WhenRequired()
    ///
    /// Debian's packages, and properties here, say that they need one by `/run/reboot-required`. Where that is there, the machine
    /// is restarted as by ``Reboot``; the next run finds it gone. Declare it last: it looks at what was declared before it.
    public struct WhenRequired: Property {
        public typealias Target = AnyLinux

        public init() {}

        public var name: String { "restarted where that is required" }

        public func check(on machine: Machine) async throws -> Check {
            guard try machine.files.status(of: RebootNote.path) != nil else {
                // Whether that will be changed is seen when it has been: it may fail.
                let isExpected = try await machine.fact(ExpectedReboot.self).isExpected
                return isExpected
                    ? .unknown(until: "what comes before has been changed, which takes a restart") : .satisfied
            }
            if try await machine.isRebootScheduled() { return .satisfied }
            let packages =
                try machine.files.readIfPresent(RebootNote.packages).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let names = Set(packages.split(separator: "\n")).sorted().joined(separator: ", ")
            return .unmet("restart the machine when the run is over" + (names.isEmpty ? "" : ", for \(names)"))
        }

        public func apply(on machine: Machine) async throws { try await machine.scheduleReboot() }
    }
}

/// Debian's note that a machine has to be restarted (`/usr/share/doc/update-notifier-common`, unattended-upgrades(8)). It
/// is in memory, and so is gone after the restart.
enum RebootNote {
    static let path: FilePath = "/run/reboot-required"
    /// The packages that asked for it, one a line.
    static let packages: FilePath = "/run/reboot-required.pkgs"
    /// The follow-up if nothing restarts the machine.
    static let followUp = "restart the machine: what was changed takes effect after a restart"
}

/// Whether something that has been checked, and not been applied yet, will need a restart. Known until the next change, as all
/// facts are; by then it is on the machine.
final class ExpectedReboot: Fact {
    private let state = Mutex(false)

    var isExpected: Bool { state.withLock { $0 } }
    fileprivate func expect() { state.withLock { $0 = true } }

    static func read(from machine: Machine) async throws -> ExpectedReboot { ExpectedReboot() }
}

extension Machine {
    /// Notes for this run that a restart will be needed once what was found has been put right.
    func expectReboot() async throws { try await fact(ExpectedReboot.self).expect() }

    /// Notes on the machine that it has to be restarted. Before the change: a note too many does less harm than none.
    func noteRebootRequired() throws {
        noteFollowUp(RebootNote.followUp)
        guard try files.status(of: RebootNote.path) == nil else { return }
        try files.replace(RebootNote.path, with: Array("*** System restart required ***\n".utf8), mode: 0o644)
    }

    private static let rebootUnit = "propel-reboot.service"

    func isRebootScheduled() async throws -> Bool {
        ["activating", "active"].contains(try await unit(Self.rebootUnit).active)
    }

    /// Has systemd restart the machine after the run: it waits for the lock, and the time that the report needs to arrive.
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
                "systemd does not run here, and nothing else can restart the machine later",
                advice: "Restart it by hand.")
        }
        try files.replace(directory.appending(Self.rebootUnit), with: Array(unit.utf8), mode: 0o644)
        try await succeed(SystemctlCommand.daemonReload)
        try await succeed(SystemctlCommand.start(Self.rebootUnit, isBlocking: false))
        removeFollowUp(RebootNote.followUp)
        forgetFacts()
    }
}
