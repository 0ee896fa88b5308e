/// A process of nginx that takes requests.
struct NginxWorker: Hashable {
    let number: String
    /// When it began, in ticks of the kernel's since the boot: the number may be another's by now.
    let start: Substring

    /// Those of a master that are not about to end.
    static func all(of master: String, on machine: Machine) throws -> Set<NginxWorker> {
        var workers: Set<NginxWorker> = []
        for number in try machine.files.list("/proc") where number.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            let process = FilePath("/proc").appending(number)
            // Any may end while it is looked at.
            guard let status = try? machine.files.text(process.appending("stat")), let name = status.lastIndex(of: ")")
            else { continue }
            // From the third field on (proc_pid_stat(5)): the state, the parent, and as the 22nd when it began.
            let fields = status[status.index(after: name)...].split(separator: " ")
            guard fields.count > 19, fields[1] == master,
                let title = try? machine.files.text(process.appending("cmdline"))
            else { continue }
            if title.prefix(while: { $0 != "\0" }) == "nginx: worker process" {
                workers.insert(NginxWorker(number: number, start: fields[19]))
            }
        }
        return workers
    }
}
