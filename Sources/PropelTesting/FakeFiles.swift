import Propel

/// The files of a machine in memory by their paths, and the disk beneath them.
///
/// Paths are strings here: a `FilePath` is checked at every step in a debug build, and a test has thousands.
struct FakeFiles: Sendable {
    typealias Node = FakeFileSystem.Node

    private(set) var nodes: [String: Node] = ["/": Self.root]
    private var inodes: [String: FakeDisk.Inode] = ["/": FakeDisk.root]
    private var disk = FakeDisk()
    var failures: [String: Errno] = [:]
    var writes: [FilePath] = []

    private static var root: Node { Node(.directory, mode: 0o755, owner: .root, modified: Timestamp(seconds: 0)) }

    subscript(path: String) -> Node? { nodes[path] }

    /// The directory and the name of a path; nil for the root.
    static func split(_ path: String) -> (directory: String, name: String)? {
        guard path != "/", let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let name = String(path[path.utf8.index(after: slash)...])
        return (slash == path.startIndex ? "/" : String(path[..<slash]), name)
    }

    static func join(_ directory: String, _ name: String) -> String {
        directory == "/" ? "/" + name : directory + "/" + name
    }

    /// The names in a directory, sorted.
    func names(in directory: String) -> [String] {
        let start = Self.join(directory, "")
        return nodes.keys.compactMap { path -> String? in
            guard path.utf8.count > start.utf8.count, path.hasPrefix(start) else { return nil }
            let name = path.utf8.dropFirst(start.utf8.count)
            return name.contains(UInt8(ascii: "/")) ? nil : String(name)
        }.sorted()
    }

    private func entry(_ path: String) -> (directory: FakeDisk.Inode, name: String)? {
        guard let (directory, name) = Self.split(path), let inode = inodes[directory] else { return nil }
        return (inode, name)
    }

    /// Puts a node there that is on the disk, and its parents.
    mutating func put(_ path: String, _ node: Node) {
        if let (directory, _) = Self.split(path), nodes[directory] == nil {
            put(directory, Node(.directory, mode: 0o755, owner: .root, modified: node.status.modified))
        }
        guard let (directory, name) = entry(path) else {
            nodes[path] = node
            return
        }
        let known = nodes[path]?.status.kind == node.status.kind ? inodes[path] : nil
        let inode = known ?? disk.make(node)
        nodes[path] = node
        inodes[path] = inode
        disk.put(inode, node, in: directory, name)
    }

    /// Changes what is at a path, or makes it. Nothing of it is on the disk.
    mutating func set(_ path: String, _ node: Node) {
        if inodes[path] == nil { return make(path, node) }
        nodes[path] = node
    }

    /// Makes a new node, in place of what is at its path.
    mutating func make(_ path: String, _ node: Node) {
        guard let (directory, name) = entry(path) else { return }
        let inode = disk.make(node)
        nodes[path] = node
        inodes[path] = inode
        disk.link(inode, in: directory, name)
    }

    mutating func remove(_ path: String) {
        guard let (directory, name) = entry(path) else { return }
        nodes[path] = nil
        inodes[path] = nil
        disk.unlink(name, in: directory)
    }

    /// Moves a node with all that is below it.
    mutating func move(_ path: String, to newPath: String) {
        guard let (directory, name) = entry(path), let (newDirectory, newName) = entry(newPath) else { return }
        let start = path + "/", isDirectory = nodes[path]?.status.kind == .directory
        for old in isDirectory ? [path] + nodes.keys.filter({ $0.hasPrefix(start) }) : [path] {
            let new = newPath + old.dropFirst(path.count)
            nodes[new] = nodes.removeValue(forKey: old)
            inodes[new] = inodes.removeValue(forKey: old)
        }
        disk.move(name, in: directory, to: newDirectory, newName)
    }

    mutating func sync(_ path: String) {
        guard let inode = inodes[path], let node = nodes[path] else { return }
        disk.sync(inode, node)
    }

    mutating func syncAll() { for path in nodes.keys { sync(path) } }

    mutating func losePower(seed: UInt64) {
        var seen: [FakeDisk.Inode: Node] = [:]
        for (path, inode) in inodes { seen[inode] = nodes[path] }
        nodes = ["/": nodes["/"] ?? Self.root]
        inodes = ["/": FakeDisk.root]
        for (path, (inode, node)) in disk.losePower(seen, seed: seed) {
            nodes[path] = node
            inodes[path] = inode
        }
        // It is in memory. What is in a directory goes before it.
        for path in nodes.keys.sorted(by: >) where path.hasPrefix("/run/") { remove(path) }
    }
}
