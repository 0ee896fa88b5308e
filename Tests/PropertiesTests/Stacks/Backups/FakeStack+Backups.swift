@testable import Properties

/// What tests of backups ask of the shop.
extension FakeStack {
    /// A backup by hand.
    /// - Parameter stack: its description; the usual one by default.
    func taken(_ id: String, _ stack: Stack? = nil) -> BackupExists {
        BackupExists(stack: stack ?? self.stack(), id: id)
    }

    func backups() throws -> StackBackups { try StackBackups(of: stack(), on: fake.machine) }
}
