/// That a backup of the data of a stack has been taken under this name.
///
/// Where there are no data there is none to take, and it holds.
public struct BackupExists: Property {
    public typealias Target = DebianLike

    public let stack: Stack
    /// The backup's name.
    public let id: String
    var pollInterval: Duration = .seconds(1)

    /// - Parameter id: the name of the backup, by which this run tells it from those of others: letters, digits, `-` and `_`, such as
    ///   ``Timestamp/compact``.
    public init(stack: Stack, id: String) {
        self.stack = stack
        self.id = id
    }

    public var name: String { "backup \(id) of \(stack.name)" }
    public var problems: [String] {
        Backup.isID(id) ? [] : ["“\(id.escaped)” is no name of a backup: it has letters, digits, - and _"]
    }

    /// - Throws: ``Failure`` where a restore was cut short.
    public func check(on machine: Machine) async throws -> Check {
        try RestoreRecord.refuseHalf(of: stack, on: machine)
        if try StackBackups(of: stack, on: machine).whole.contains(where: { $0.id == id }) { return .satisfied }
        switch try await StackData.ask(of: stack, on: machine) {
        case .unknown(let until): return .unknown(until: until)
        case .found(let data): return data.filled.isEmpty ? .satisfied : .unmet(data.change)
        }
    }

    public func apply(on machine: Machine) async throws {
        let taking = BackupJob(stack: stack, pollInterval: pollInterval, machine: machine)
        try await taking.take(id: id, why: "by hand", fallback: .none, retention: stack.retention)
    }
}
