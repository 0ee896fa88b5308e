extension FileSystem {
    /// The time when a process was started, in ticks of the clock since the boot; nil if there is no such process.
    func startTime(of process: Int32) -> String? { statusField(22, of: process) }

    /// The parent of a process; nil if there is no such process.
    func parent(of process: Int32) -> Int32? { statusField(4, of: process).flatMap { Int32($0) } }

    /// A field of `/proc/PID/stat` (proc_pid_stat(5)); nil if there is no such process.
    /// - Parameter number: as in the manual page, from 3 on.
    func statusField(_ number: Int, of process: Int32) -> String? {
        // The second is a name in parentheses, which may contain anything: the fields are counted from behind it.
        guard let status = try? read("/proc/\(process)/stat"), let end = status.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = status[(end + 1)...].split(separator: UInt8(ascii: " "))
        return fields.count > number - 3 ? String(decoding: fields[number - 3], as: UTF8.self) : nil
    }
}
