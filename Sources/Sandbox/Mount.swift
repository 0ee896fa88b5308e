import Foundation
import PlainText

/// A mount in the namespace of this process; see proc_pid_mountinfo(5).
struct Mount {
    let point: String
    let type: String
    let superOptions: String

    static var all: [Mount] {
        (readFile("/proc/self/mountinfo") ?? "").nonEmptyLines.compactMap { line in
            let fields = line.split(separator: " ").map(String.init)
            guard let dash = fields.firstIndex(of: "-"), dash > 5, fields.count > dash + 3 else { return nil }
            return Mount(point: fields[4].octalUnescaped, type: fields[dash + 1], superOptions: fields[dash + 3])
        }
    }
}
