import PropelTesting
import Synchronization

@testable import Propel

/// A file whose change must be confirmed.
struct GuardedFile: Guarded {
    typealias Target = UnixLike

    let path: FilePath
    var text = "new\n"
    var former = Restoration()
    /// Called after the file is written.
    var afterwards: @Sendable (Machine) async throws -> Void = { _ in }

    init(
        _ path: FilePath, _ text: String = "new\n", restoration: Restoration = Restoration(),
        afterwards: @escaping @Sendable (Machine) async throws -> Void = { _ in }
    ) {
        self.path = path
        self.text = text
        former = restoration
        self.afterwards = afterwards
    }

    var name: String { "guarded \(path)" }

    func check(on machine: Machine) async throws -> Check {
        try machine.files.readIfPresent(path) == Array(text.utf8) ? .satisfied : .unmet("other content")
    }

    func apply(on machine: Machine) async throws {
        try machine.originals.keep(path)
        try machine.files.replace(path, with: Array(text.utf8), mode: 0o644)
        try await afterwards(machine)
    }

    func restoration(on machine: Machine) async throws -> Restoration { former }
}

/// A file whose change needs no confirmation, unless its path or its declaration says so.
struct PlainFile: Property {
    typealias Target = UnixLike

    let file: GuardedFile
    init(_ path: FilePath) { file = GuardedFile(path) }

    var name: String { "plain \(file.path)" }
    var claims: [Claim] { [.path(file.path, is: file.text, summary: "a file")] }
    func check(on machine: Machine) async throws -> Check { try await file.check(on: machine) }
    func apply(on machine: Machine) async throws { try await file.apply(on: machine) }
}

/// A machine in memory with systemd, and runs on it whose guarded changes somebody confirms, or nobody.
struct GuardedMachine: Sendable {
    enum Answer: Sendable {
        case confirmed
        /// The confirmation does not arrive, and this is why.
        case refused(Unconfirmed)
    }

    /// There before the tests, with the mode 0600.
    static let old: FilePath = "/srv/old.conf"
    /// Absent before the tests.
    static let new: FilePath = "/srv/new.conf"
    static let refusal = Unconfirmed(.login, "permission denied")
    static let record = Safeguard.path

    let fake = FakeMachine(
        connection: SSHConnection(client: "192.0.2.9", server: "192.0.2.1", port: 22, user: "anna"))
    /// The questions and the commands of actions, in order.
    let log = Recorder()
    /// Called when somebody is asked for a confirmation.
    var whenAsked: @Sendable () async -> Void = {}

    init() {
        fake.files.put(Self.old, "old\n", mode: 0o600, owner: Owner(user: 1000, group: 1000))
        fake.commands.program("systemctl")
        fake.commands.program("reload") { [log] command in
            log.add(command.description)
            return .printing()
        }
        let files = fake.files, boots = Recorder()
        let boot: @Sendable () -> Void = {
            boots.add("boot")
            files.put(directory: "/run/systemd/system")
            files.put("/proc/sys/kernel/random/boot_id", "boot\(boots.words.count)\n")
        }
        boot()
        fake.atBoot(boot)
    }

    /// The changes that both files make, with an action.
    var pair: Host {
        fake.host {
            GuardedFile(Self.old).onChange(Self.reload)
            GuardedFile(Self.new)
        }
    }

    static let reload = Note("reload") { machine in try await machine.run("reload") }

    @discardableResult
    func enforce(_ answer: Answer = .confirmed, _ host: Host, lost: Set<String> = []) async -> Reports {
        let reports = Reports()
        fake.machine.forgetFacts()
        var prepared = engine(answer, host, reports)
        prepared.guarding?.lost = lost
        _ = await prepared.enforce()
        return reports
    }

    func engine(_ answer: Answer, _ host: Host, _ reports: Reports) -> Engine {
        var engine = Engine(host: host, machine: fake.machine) { reports.add($0) }
        let safeguard = safeguard, log = log, whenAsked = whenAsked
        engine.guarding = Guarding(program: "/var/lib/propel/enforcers/0a1b", run: "run", process: nil) { token in
            log.add("asked")
            await whenAsked()
            switch answer {
            case .confirmed:
                do { try safeguard.confirm(token, by: "anna") } catch {
                    return Unconfirmed(Failure(describing: error).message)
                }
                return nil
            case .refused(let reason): return reason
            }
        }
        engine.guarding?.settling = .zero
        return engine
    }

    var safeguard: Safeguard { Safeguard(machine: fake.machine) }
    var questions: Int { log.words.count { $0 == "asked" } }

    /// The contents of the two files.
    var texts: [String?] { [fake.files.text(at: Self.old), fake.files.text(at: Self.new)] }
    static let before: [String?] = ["old\n", nil]
    static let after: [String?] = ["new\n", "new\n"]

    /// Everything of the machine that guarding leaves while it waits, and must not leave afterwards.
    var leftovers: [String] {
        [
            "/var/lib/propel/guard", "/etc/systemd/system/propel-guard.service",
            "/etc/systemd/system/propel-guard.timer",
            "/etc/systemd/system/multi-user.target.wants/propel-guard.service",
        ].filter { fake.files[FilePath($0)] != nil }
    }
}
