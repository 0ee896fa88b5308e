import Foundation
import Propel
import Properties

/// The answer of `propel backup list`.
struct BackupListReport: Report {
    var host: String
    var backups: [BackupSummary]

    var text: TextOutput {
        guard !backups.isEmpty else { return TextOutput(notes: [StyledLine("\(host) has no backup".oneLine)]) }
        return TextOutput(lines: Table([["ID", "STACK", "OF", "SIZE", "TESTED", "WHY"]] + backups.map(row)).lines)
    }

    private func row(_ backup: BackupSummary) -> [String] {
        switch backup.content {
        case .damaged(let reason): return [backup.id, backup.stack, "-", "-", "-", "DAMAGED: \(reason)"]
        case .intact(let details):
            let size = ByteCountFormatStyle(style: .binary, locale: Locale(identifier: "en"))
                .format(Int64(details.bytes))
            let test = details.test.map { ($0.failure == nil ? "" : "FAILED ") + $0.time } ?? "-"
            return [backup.id, backup.stack, details.volumes.joined(separator: ", "), size, test, details.why]
        }
    }

    var json: [JSON] {
        backups.map { .line("backup", $0.json, of: host) }
    }
}
