/// A unit for the service managers of users, in `/etc/systemd/user` (systemd.unit(5)).
///
///     UserUnit("sync", "[Service]\nExecStart=%h/bin/sync\n\n[Install]\nWantedBy=default.target\n")
///     UserService("sync", of: "app")
///
/// It is there for all users, in a directory that belongs to root; ``UserService`` says for which it runs.
/// `systemd-analyze verify` must accept the text before it is put in place. A revert stops and disables the unit for
/// the users whose service manager runs, and removes it.
public struct UserUnit: FileBacked {
    public typealias Target = AnyLinux

    static let directory: FilePath = "/etc/systemd/user"

    /// The full name: `sync.service`.
    public let unit: String
    /// The whole file.
    public let text: String

    /// - Parameters:
    ///   - unit: the name; a service if it does not end with a type.
    ///   - text: the whole file.
    public init(_ unit: String, _ text: String) {
        self.unit = UnitName.full(unit)
        self.text = text
    }

    public var name: String { "user unit \(unit)" }
    public var file: File { File(Self.directory.appending(unit), text) }
    public var createsDirectory: Bool { true }

    public func validate() throws {
        try UnitName.validate(unit)
        guard !text.utf8.contains(0) else { throw Failure("the text of \(unit) has a NUL in it") }
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try await UnitText(unit: unit, relativePath: unit, text: text).verify(on: machine)
        try await file.apply(on: machine, createsDirectory: true)
    }

    public func revert(on machine: Machine) async throws {
        let managers: FilePath = "/run/user"
        let ids = try machine.files.status(of: managers) == nil ? [] : try machine.files.list(managers)
        let accounts = try await machine.fact(Accounts.self).users.filter { ids.contains("\($0.id)") }
        let running = try accounts.filter { try machine.hasServiceManager($0) }
        if try machine.originals.wasAbsent(file.path) {
            for account in running where try await machine.userUnit(unit, of: account)?.exists == true {
                try await tell(account, SystemctlCommand.disable(unit, now: true), on: machine)
            }
        }
        try await file.revert(on: machine, removesDirectory: true)
        for account in running { try await tell(account, SystemctlCommand.daemonReload, on: machine) }
    }

    /// Tells the service manager of a user. It ends with the last session of the user, perhaps just now.
    private func tell(_ account: Accounts.User, _ command: Invocation, on machine: Machine) async throws {
        do {
            try await machine.succeed(SystemctlCommand.forUser(account, command))
        } catch {
            guard try await !machine.isServiceManagerActive(account) else { throw error }
        }
    }
}
