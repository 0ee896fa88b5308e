/// A drop-in by which cloud-init leaves something alone. Without it, it writes that again at the next boot.
struct KeptByCloudInit {
    let machine: Machine
    /// The things that it leaves alone, as the end of “tell cloud-init to keep …” and “cloud-init may write …”.
    private let kept: String
    private let written: String
    private let settings: [(key: String, value: Bool)]
    private let file: File

    /// The host name and `/etc/hosts`.
    static func hostname(on machine: Machine) -> KeptByCloudInit {
        KeptByCloudInit(
            machine, "the name", "the host name or /etc/hosts", "hostname", "The host name is declared with Propel.",
            [("preserve_hostname", true), ("manage_etc_hosts", false)])
    }

    /// `/etc/hosts` alone.
    static func hosts(on machine: Machine) -> KeptByCloudInit {
        KeptByCloudInit(
            machine, "/etc/hosts", "/etc/hosts", "hosts", "Names in /etc/hosts are declared with Propel.",
            [("manage_etc_hosts", false)])
    }

    private init(
        _ machine: Machine, _ kept: String, _ written: String, _ name: String, _ comment: String,
        _ settings: [(key: String, value: Bool)]
    ) {
        self.machine = machine
        self.kept = kept
        self.written = written
        self.settings = settings
        let lines = settings.map { "\($0.key): \($0.value)\n" }
        file = File(CloudInit.directory.appending("99-propel-\(name).cfg"), "# \(comment)\n" + lines.joined())
    }

    /// The change that is due, such as “tell cloud-init …”; nil if cloud-init does not run, or knows.
    func reason() async throws -> String? {
        guard try CloudInit(machine: machine).isActive, try await file.check(on: machine) != .satisfied else {
            return nil
        }
        return "\(file.path): tell cloud-init to keep \(kept)"
    }

    func apply() async throws {
        guard try await reason() != nil else { return }
        try await file.apply(on: machine)
        let cloudInit = CloudInit(machine: machine)
        for (key, value) in settings {
            guard let opponent = try cloudInit.opponent(of: key, value) else { continue }
            machine.noteFollowUp(
                "cloud-init may write \(written) again at the next boot, because of \(opponent), "
                    + "which outranks \(file.path): remove it there")
        }
    }

    func revertReason() async throws -> String? {
        if case .unmet(let change) = try await file.checkReverted(on: machine) { change.reason } else { nil }
    }

    func revert() async throws { try await file.revert(on: machine) }
}
