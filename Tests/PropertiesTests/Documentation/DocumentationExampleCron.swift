import Properties

// From docs/writing-a-property.md. DocumentationTests holds the page to it.

/// A job of cron, in a file of `/etc/cron.d` (crontab(5)).
struct CronJob: FileBacked {
    typealias Target = DebianLike

    let job: String, schedule: String, command: String

    var name: String { "cron job \(job)" }
    var file: File { File("/etc/cron.d/\(job)", "\(schedule) root \(command)\n") }

    func validate() throws {
        guard !job.isEmpty, job.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }) else {
            throw Failure(
                "invalid job name “\(job.escaped)”", advice: "Use letters, digits and -: cron ignores other files.")
        }
        guard !(schedule + command).utf8.contains(where: { $0 < 0x20 }) else {
            throw Failure("the cron job \(job) has a control character in it", advice: "A job is one line.")
        }
    }
}
