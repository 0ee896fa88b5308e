import Foundation

/// The control groups of one machine: what its processes are known by, and what keeps two machines from sharing systemd's tree.
///
/// `systemd-nspawn --keep-unit` boots in the control group that it is started in. Two machines started from the same one would
/// both call it their root, and their units of the same names would be one group.
struct ControlGroups {
    /// Absolute paths of this machine's group in every hierarchy that is mounted here.
    let paths: [String]

    private struct Hierarchy {
        let mountPoint: String
        let isVersion2: Bool
        /// The controllers of a version 1 hierarchy, `name=systemd` for systemd's own.
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

    /// Whether this machine runs the version 1 hierarchies, alone or beside version 2.
    static var areVersion1: Bool { hierarchies.contains { $0.controllers.contains("name=systemd") } }

    init(paths: [String]) { self.paths = paths }

    /// Where the groups of a new machine go. Below the caller's own for the resource controllers of version 1, so that the
    /// machine stays within the caller's limits; at the top for systemd's tree and version 2, where a group within a login
    /// session would end with it.
    init(forNewMachine name: String) {
        let own = (readFile("/proc/self/cgroup") ?? "").split(separator: "\n").map {
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
                throw SandboxError.file(path, reason: String(cString: strerror(errno)))
            }
            // A new group of the cpuset controller accepts no process before it has processors and memory nodes.
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

    /// Every process of the machine, its supervisor included.
    var processes: Set<pid_t> {
        var found: Set<pid_t> = []
        for group in groups {
            found.formUnion((readFile("\(group)/cgroup.procs") ?? "").split(separator: "\n").compactMap { pid_t($0) })
        }
        // 0 stands for a process that cannot be seen from here; kill(2) would take it for the caller's own group.
        return found.filter { $0 > 1 }
    }

    /// All groups, each before the one that it lies in.
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

    /// Removes the groups once their processes are gone.
    func remove() async throws {
        for _ in 0..<100 {
            for group in groups { rmdir(group) }
            if !paths.contains(where: { access($0, F_OK) == 0 }) { return }
            // A process that was just killed leaves its group a moment later.
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
