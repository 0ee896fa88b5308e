/// A property whose state is one file: a job of cron, a drop-in of a daemon.
///
///     struct Cron: FileBacked {
///         typealias Target = DebianLike
///         let job: String, schedule: String, command: String
///         var name: String { "cron job \(job)" }
///         var file: File { File("/etc/cron.d/\(job)", "\(schedule) root \(command)\n") }
///     }
///
/// The rest of a revertible property comes with it: claims, secrets, check, apply and revert.
public protocol FileBacked: Revertible {
    /// The file with its content, mode and owner.
    var file: File { get throws }

    /// Whether the directory of the file is created if it is missing, and removed by a revert if it is empty then; no
    /// by default. For directories of drop-ins, such as `/etc/systemd/journald.conf.d`.
    var createsDirectory: Bool { get }

    /// Checks the parameters; by default all are valid. Must not depend on the machine.
    /// - Throws: ``Failure`` if one is invalid. It is reported before any machine is touched.
    func validate() throws
}

extension FileBacked {
    public var createsDirectory: Bool { false }
    public func validate() throws {}

    public var claims: [Claim] { (try? file.claims) ?? [] }
    public var secrets: [Secret] { (try? file.secrets) ?? [] }

    public var problems: [String] {
        let invalid = problems(in: validate)
        guard invalid.isEmpty else { return invalid }
        return problems { _ = try file } + ((try? file.problems) ?? [])
    }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        return try await file.check(on: machine, createsDirectory: createsDirectory)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try await file.apply(on: machine, createsDirectory: createsDirectory)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try await file.checkReverted(on: machine, removesDirectory: createsDirectory)
    }

    public func revert(on machine: Machine) async throws {
        try await file.revert(on: machine, removesDirectory: createsDirectory)
    }
}
