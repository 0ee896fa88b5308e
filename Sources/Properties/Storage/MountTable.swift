/// The file systems that are mounted on the machine (proc_pid_mountinfo(5)).
struct MountTable {
    struct Entry: Equatable {
        var type: String
        var source: String
        /// The options of the mount itself: `ro`, `noatime`. Those of the file system are not among them.
        var flags: Set<String> = []

        /// Whether systemd waits there for somebody to look into the directory.
        var isAutomount: Bool { type == "autofs" }
    }

    private var entries: [String: Entry] = [:]

    init(_ machine: Machine) throws {
        let bytes = try machine.files.readIfPresent("/proc/self/mountinfo") ?? []
        for line in String(decoding: bytes, as: UTF8.self).lines {
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count > 5, let dash = fields.firstIndex(of: "-"), fields.count > dash + 2 else { continue }
            // The last one hides those before.
            entries[fields[4].octalUnescaped] = Entry(
                type: fields[dash + 1], source: fields[dash + 2].octalUnescaped,
                flags: Set(fields[5].split(separator: ",").map(String.init)))
        }
    }

    /// The file system at a directory; nil if nothing is mounted there.
    subscript(path: FilePath) -> Entry? { entries[path.lexicallyNormalized().string] }

    /// The first directory, in the order of their names, of `path` and those below it where something is mounted.
    func firstPoint(in path: FilePath) -> String? {
        let normal = path.lexicallyNormalized().string
        return entries.keys.filter { $0 == normal || $0.hasPrefix(normal + "/") }.min()
    }
}
