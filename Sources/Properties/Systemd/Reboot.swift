import Synchronization

/// Restarts the machine when the run is over, whether it succeeded or not.
///
///     RaspberryPi.KernelParameter("cgroup_enable", "memory").onChange(Reboot())
///
/// The run ends normally: other actions are performed, and the report arrives. A few seconds after the run has released
/// its lock, systemd restarts the machine.
public struct Reboot: Action {
    public typealias Target = AnyLinux

    public init() {}

    public var name: String { "restart the machine when the run is over" }
    public func perform(on machine: Machine) async throws { try await machine.scheduleReboot() }

    /// A machine that needs no restart.
    ///
    ///     Reboot.WhenRequired()
    ///
    /// Debian's packages and some properties request a restart by the file `/run/reboot-required`. If it exists, the
    /// machine is restarted as by ``Reboot``, and the file is gone. Declare this last: it considers the properties
    /// declared before it.
    public struct WhenRequired: Property {
        public typealias Target = AnyLinux

        public init() {}

        public var name: String { "restarted where that is required" }

        public func check(on machine: Machine) async throws -> Check {
            guard try machine.files.status(of: RebootNote.path) != nil else {
                // Properties that would request a restart may still fail.
                let isExpected = try await machine.fact(ExpectedReboot.self).isExpected
                return isExpected
                    ? .unknown(until: "earlier properties are applied, which needs a restart") : .satisfied
            }
            if try await machine.isRebootScheduled() { return .satisfied }
            let packages =
                try machine.files.readIfPresent(RebootNote.packages).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let names = Set(packages.nonEmptyLines).sorted().joined(separator: ", ")
            return .unmet("restart the machine when the run is over" + (names.isEmpty ? "" : ", for \(names)"))
        }

        public func apply(on machine: Machine) async throws { try await machine.scheduleReboot() }
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
