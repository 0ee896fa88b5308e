/// A worker process of nginx.
struct NginxWorker: Hashable {
    let number: String
    /// The start time in clock ticks since boot, since the PID may be reused.
    let start: Substring

    /// The workers of a master that are not shutting down.
    /// - Parameter includesEnding: whether those that are shutting down count too.
    static func all(
        of master: String, includingEnding includesEnding: Bool = false, on machine: Machine
    ) throws -> Set<NginxWorker> {
        var workers: Set<NginxWorker> = []
        for number in try machine.files.list("/proc") where number.utf8.allSatisfy(\.isASCIIDigit) {
            let process = FilePath("/proc").appending(number)
            // A process may end while it is read.
            guard let status = try? machine.files.text(process.appending("stat")), let end = status.lastIndex(of: ")")
            else { continue }
            // Fields 3 and following of proc_pid_stat(5): state, parent; the start time is field 22.
            let fields = status[status.index(after: end)...].split(separator: " ")
            guard fields.count > 19, fields[1] == master,
                let title = try? machine.files.text(process.appending("cmdline"))
            else { continue }
            let name = title.prefix { $0 != "\0" }
            if name == "nginx: worker process" || includesEnding && name == "nginx: worker process is shutting down" {
                workers.insert(NginxWorker(number: number, start: fields[19]))
            }
        }
        return workers
    }
}
