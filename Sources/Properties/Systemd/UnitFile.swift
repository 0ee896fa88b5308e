/// A file of systemd's configuration: a unit, or a drop-in of one. systemd verifies it before it is put in place, and
/// reads it afterwards.
protocol UnitFile: FileBacked, Guarded {
    /// The full name of the unit that it configures.
    var unit: String { get }
    /// The path below ``UnitFiles/directory``: `app.service`, `app.service.d/limits.conf`.
    var relativePath: String { get }
    var text: String { get }
}

enum UnitFiles {
    /// The directory of the administrator's units (systemd.unit(5)).
    static let directory: FilePath = "/etc/systemd/system"
}

extension UnitFile {
    private var isDropIn: Bool { relativePath.contains("/") }

    public var file: File { File(UnitFiles.directory.appending(relativePath), text) }
    public var createsDirectory: Bool { isDropIn }

    public func validate() throws { try validateUnit() }

    func validateUnit() throws {
        try UnitName.validate(unit)
        guard !text.utf8.contains(0) else { throw Failure("the text of \(relativePath) has a NUL in it") }
    }

    public func announce(to machine: Machine) {
        if !UnitName.isTemplate(unit) { machine.expect(unit, of: SystemdUnits.self) }
    }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let check = try await file.check(on: machine, createsDirectory: createsDirectory)
        // A run may have been cut between the file and the reload.
        guard check == .satisfied, try await machine.fact(SystemdUnits.self)[unit]?.needsReload == true else {
            return check
        }
        return .unmet("systemd has not read it yet")
    }

    public func apply(on machine: Machine) async throws {
        if try await file.check(on: machine, createsDirectory: createsDirectory) != .satisfied {
            try await UnitText(unit: unit, relativePath: relativePath, text: text).verify(on: machine)
            try await file.apply(on: machine, createsDirectory: createsDirectory)
        }
        try await machine.succeed(SystemctlCommand.daemonReload)
    }

    public func isGuarded(on machine: Machine) async throws -> Bool { AccessFiles.containUnit(unit) }

    /// A revert may stop and disable the unit.
    public func restoration(on machine: Machine) async throws -> Restoration {
        try await machine.restoration(ofStopped: unit)
    }

    /// Restores the original. If there was none, the unit is stopped and disabled first, while systemd still knows how.
    public func revert(on machine: Machine) async throws {
        if !isDropIn, try machine.originals.wasAbsent(file.path) { try await machine.stopForGood(unit) }
        try await file.revert(on: machine, removesDirectory: createsDirectory)
        try await machine.succeed(SystemctlCommand.daemonReload)
    }
}
