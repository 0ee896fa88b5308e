/// The drop-in by which cloud-init leaves the host name and `/etc/hosts` alone. Without it, it writes them again at the
/// next boot.
struct HostnameKept {
    let machine: Machine

    private let file = File(
        CloudInit.directory.appending("99-propel-hostname.cfg"),
        """
        # The host name is declared with Propel.
        preserve_hostname: true
        manage_etc_hosts: false

        """)

    init(on machine: Machine) { self.machine = machine }

    /// The change that is due, such as “tell cloud-init …”; nil if cloud-init does not run, or knows.
    func reason() async throws -> String? {
        guard try CloudInit(machine: machine).isActive, try await file.check(on: machine) != .satisfied else {
            return nil
        }
        return "\(file.path): tell cloud-init to keep the name"
    }

    func apply() async throws {
        guard try await reason() != nil else { return }
        try await file.apply(on: machine)
        let cloudInit = CloudInit(machine: machine)
        for (key, value) in [("preserve_hostname", true), ("manage_etc_hosts", false)] {
            guard let opponent = try cloudInit.opponent(of: key, value) else { continue }
            machine.noteFollowUp(
                "cloud-init may write the host name or /etc/hosts again at the next boot, because of \(opponent), "
                    + "which outranks \(file.path): remove it there")
        }
    }

    func revertReason() async throws -> String? {
        if case .unmet(let change) = try await file.checkReverted(on: machine) { change.reason } else { nil }
    }

    func revert() async throws { try await file.revert(on: machine) }
}
