import Foundation
import PlainText

/// The control groups of a machine, which tell its processes from others.
///
/// `systemd-nspawn --keep-unit` boots in the control group that it is started in. Two machines in the same one would
/// both use it as their root, and share the groups of units with the same name.
struct ControlGroups {
    /// The absolute paths of the group in every mounted hierarchy.
    let paths: [String]

    private struct Hierarchy {
        let mountPoint: String
        let isVersion2: Bool
        /// The controllers of a version 1 hierarchy; `name=systemd` for the one of systemd.
        let controllers: Set<String>
    }

    private static var hierarchies: [Hierarchy] {
        Mount.all.compactMap { mount in
            guard mount.type == "cgroup" || mount.type == "cgroup2" else { return nil }
            return Hierarchy(
                mountPoint: mount.point, isVersion2: mount.type == "cgroup2",
                controllers: Set(mount.superOptions.split(separator: ",").map(String.init)))
        }
    }

    /// Whether this computer has version 1 hierarchies, with or without version 2.
    static var areVersion1: Bool { hierarchies.contains { $0.controllers.contains("name=systemd") } }

    init(paths: [String]) { self.paths = paths }

    /// The groups of a new machine. For the resource controllers of version 1, they are in the group of this process,
    /// so that its limits apply. For systemd and version 2, they are at the top, since a group in a login session would
    /// end with it.
    init(forNewMachine name: String) {
        let own = (readFile("/proc/self/cgroup") ?? "").nonEmptyLines.map {
            $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        }
        paths = Self.hierarchies.map { hierarchy in
            var base = ""
            if !hierarchy.isVersion2, !hierarchy.controllers.contains("name=systemd"),
                let entry = own.first(where: {
                    $0.count == 3 && !$0[1].isEmpty
                        && hierarchy.controllers.isSuperset(of: $0[1].split(separator: ",").map(String.init))
                })
            {
                base = entry[2] == "/" ? "" : entry[2]
            }
            return "\(hierarchy.mountPoint)\(base)/propel-sandbox-\(name)"
        }
    }

    func make() throws {
        for path in paths {
            if mkdir(path, 0o755) != 0, errno != EEXIST {
                throw SandboxError.systemCall(on: path)
            }
            // A new group of the cpuset controller accepts no process before it has CPUs and memory nodes.
            for setting in ["cpuset.cpus", "cpuset.mems"] where access("\(path)/cgroup.clone_children", F_OK) == 0 {
                let parent = (path as NSString).deletingLastPathComponent
                guard let value = readFile("\(parent)/\(setting)"),
                    let file = FileHandle(forWritingAtPath: "\(path)/\(setting)")
                else { continue }
                try file.write(contentsOf: Data(value.utf8))
                try file.close()
            }
        }
    }

    /// All processes of the machine, with its supervisor.
    var processes: Set<pid_t> {
        var found: Set<pid_t> = []
        for group in groups {
            found.formUnion((readFile("\(group)/cgroup.procs") ?? "").nonEmptyLines.compactMap { pid_t($0) })
        }
        // 0 is a process that cannot be seen from here; for kill(2) it would be the process group of the caller.
        return found.filter { $0 > 1 }
    }

    /// All groups, each before its parent.
    private var groups: [String] {
        paths.flatMap(Self.groups)
    }

    private static func groups(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var below: [String] = []
        while let entry = readdir(directory) {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { below += groups(in: "\(path)/\(name)") }
        }
        return below + [path]
    }

    /// Removes the groups when their processes have exited.
    func remove() async throws {
        for _ in 0..<100 {
            for group in groups { rmdir(group) }
            if !paths.contains(where: { access($0, F_OK) == 0 }) { return }
            // A killed process leaves its group a moment later.
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
