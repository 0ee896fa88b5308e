/// A property that decides lines of `config.txt`.
protocol FirmwareProperty: Revertible {
    /// - Throws: ``Failure`` if a parameter is invalid.
    func decision() throws -> FirmwareDecision
}

extension FirmwareProperty {
    public var problems: [String] { problems { _ = try decision().validated() } }

    public func check(on machine: Machine) async throws -> Check { try await decision().check(on: machine) }
    public func apply(on machine: Machine) async throws { try await decision().apply(on: machine) }
    public func checkReverted(on machine: Machine) async throws -> Check {
        try await decision().checkReverted(on: machine)
    }
    public func revert(on machine: Machine) async throws { try await decision().revert(on: machine) }
}

/// A decision about `config.txt`: the common part of the properties of that file.
struct FirmwareDecision: Sendable {
    /// Filters without brackets; empty for all machines.
    let filters: [String]
    /// The line that is written if there is none.
    let line: String
    /// Whether the file has the declared value, under these filters or under others that include them.
    let holds: @Sendable (FirmwareConfiguration, ConditionalFilters) -> Bool
    /// The present values under exactly these filters.
    let find: @Sendable (FirmwareConfiguration, ConditionalFilters) -> [String]
    /// Sets the declared value under exactly these filters.
    let set: @Sendable (inout FirmwareConfiguration, ConditionalFilters) -> Void
    /// Restores values that ``find`` found earlier.
    let restore: @Sendable (inout FirmwareConfiguration, [String], ConditionalFilters) -> Void

    func check(on machine: Machine) async throws -> Check {
        let filters = try validated()
        let lines = try BootFile.configuration.read(on: machine)
        let present = FirmwareConfiguration(lines)
        if holds(present, filters) { return .satisfied }
        var edited = present
        set(&edited, filters)
        try await machine.expectReboot()
        return .unmet(
            "\(filters): \(described(find(present, filters))) → \(line); effective after a restart",
            diff: Diff(from: lines.bytes, to: edited.lines.bytes))
    }

    func apply(on machine: Machine) async throws {
        let filters = try validated()
        try await BootFile.configuration.edit(on: machine) { edit(&$0, filters) }
    }

    func checkReverted(on machine: Machine) async throws -> Check {
        let filters = try validated()
        guard let original = try BootFile.configuration.original(on: machine) else { return .satisfied }
        let present = find(FirmwareConfiguration(try BootFile.configuration.read(on: machine)), filters)
        let former = find(FirmwareConfiguration(original), filters)
        if present == former { return .satisfied }
        try await machine.expectReboot()
        return .unmet("\(filters): \(described(present)) → \(described(former)); effective after a restart")
    }

    func revert(on machine: Machine) async throws {
        let filters = try validated()
        guard let original = try BootFile.configuration.original(on: machine) else { return }
        let former = find(FirmwareConfiguration(original), filters)
        try await BootFile.configuration.revert(
            on: machine, { edit(&$0, filters) },
            undo: { lines in
                var configuration = FirmwareConfiguration(lines)
                restore(&configuration, former, filters)
                if former.isEmpty { configuration.removeEmptySection(under: filters) }
                lines = configuration.lines
            })
    }

    private func edit(_ lines: inout TextLines, _ filters: ConditionalFilters) {
        var configuration = FirmwareConfiguration(lines)
        if !holds(configuration, filters) { set(&configuration, filters) }
        lines = configuration.lines
    }

    func validated() throws -> ConditionalFilters {
        try FirmwareConfiguration.validate(line)
        return try ConditionalFilters(filters)
    }

    private func described(_ values: [String]) -> String {
        values.isEmpty ? "absent" : values.map { $0.isEmpty ? "“”" : $0.escaped }.joined(separator: " and ")
    }

    /// The subject in claims and names: `gpu_mem in config.txt`, `[pi4] gpu_mem in config.txt`.
    static func subject(_ key: String, _ filters: [String]) -> String {
        filters.sorted().map { "[\($0.escaped)] " }.joined() + key.escaped
    }
}
