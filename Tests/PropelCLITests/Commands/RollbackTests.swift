import Properties
import Testing

@testable import PropelCLI

/// The backup that a rollback restores.
@Suite struct RollbackTests {
    private let stack = Stack("shop", dataFormat: 2) { Container("db", image: "postgres", tag: "17") }

    private func backup(_ id: String, format: Int?, from origin: String? = nil) -> BackupSummary {
        BackupSummary(
            id: id, stack: "shop",
            content: .intact(
                BackupSummary.Details(
                    time: "2026-01-31T12:00:00Z", why: "", bytes: 1, volumes: ["data"], dataFormat: format,
                    origin: origin)))
    }

    @Test func `it is the newest of the host's own data in the format of the version`() {
        let backups = [
            backup("newer", format: 3), backup("copy", format: 2, from: "web2"),
            BackupSummary(id: "damaged", stack: "shop", content: .damaged(reason: "cut off")),
            backup("unknown", format: nil), backup("right", format: 2), backup("older", format: 2),
        ]
        #expect(Rollback.usable(backups, for: stack)?.id == "right")
        #expect(Rollback.usable(Array(backups.prefix(4)), for: stack) == nil)
    }
}
