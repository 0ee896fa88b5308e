import Propel

/// The disk of a machine in memory, as opposed to the files that its programs see: only this outlives a power cut.
///
/// A name is on the disk once its directory was synced, content once its file was (fsync(2)). What was not synced may
/// be there or not. Of the changes of names since the last sync, those up to some moment are: file systems with a
/// journal keep their order.
struct FakeDisk: Sendable {
    typealias Node = FakeFileSystem.Node
    typealias Inode = Int

    fileprivate enum Change: Sendable {
        case link(in: Inode, name: String, Inode)
        case unlink(in: Inode, name: String)
        case move(from: Inode, name: String, to: Inode, newName: String)
    }

    static let root: Inode = 0

    private var content: [Inode: Node] = [:]
    private var entries: [Inode: [String: Inode]] = [root: [:]]
    private var open: [Change] = []
    private var last: Inode = root

    /// Makes a file, directory or link without a name, of which nothing is on the disk but that it exists.
    mutating func make(_ node: Node) -> Inode {
        last += 1
        var empty = node
        empty.bytes = []
        empty.status.size = 0
        content[last] = empty
        if node.status.kind == .directory { entries[last] = [:] }
        return last
    }

    mutating func link(_ inode: Inode, in directory: Inode, _ name: String) {
        open.append(.link(in: directory, name: name, inode))
    }

    mutating func unlink(_ name: String, in directory: Inode) { open.append(.unlink(in: directory, name: name)) }

    mutating func move(_ name: String, in directory: Inode, to newDirectory: Inode, _ newName: String) {
        open.append(.move(from: directory, name: name, to: newDirectory, newName: newName))
    }

    /// Writes content, mode and owner to the disk, and the entries of a directory.
    mutating func sync(_ inode: Inode, _ node: Node) {
        content[inode] = node
        guard node.status.kind == .directory else { return }
        let changes = open
        open = []
        for change in changes {
            if change.concerns(inode) { apply(change) } else { open.append(change) }
        }
    }

    /// Puts a file on the disk under a name, whatever happened to the name since the last sync.
    mutating func put(_ inode: Inode, _ node: Node, in directory: Inode, _ name: String) {
        content[inode] = node
        open.removeAll { $0.concerns(directory, name) }
        entries[directory, default: [:]][name] = inode
    }

    private mutating func apply(_ change: Change) {
        switch change {
        case .link(let directory, let name, let inode): entries[directory, default: [:]][name] = inode
        case .unlink(let directory, let name): entries[directory, default: [:]][name] = nil
        case .move(let directory, let name, let newDirectory, let newName):
            guard let inode = entries[directory]?[name] else { return }
            entries[directory]?[name] = nil
            entries[newDirectory, default: [:]][newName] = inode
        }
    }

    /// Loses what was not synced, as the seed decides.
    /// - Parameter seen: what programs saw.
    /// - Returns: what is there after the next start.
    mutating func losePower(_ seen: [Inode: Node], seed: UInt64) -> [String: (Inode, Node)] {
        var generator = SeededGenerator(seed: seed)
        let kept = Int.random(in: 0...open.count, using: &generator)
        for change in open.prefix(kept) { apply(change) }
        open = []
        for (inode, node) in seen.sorted(by: { $0.key < $1.key }) {
            guard let old = content[inode], old != node else { continue }
            content[inode] = Self.remains(of: node, over: old, using: &generator)
        }
        var found: [String: (Inode, Node)] = [:]
        collect(Self.root, "/", &found)
        return found
    }

    /// The remains of an unsynced change: nothing, all, or a file of which a part was written.
    private static func remains(of new: Node, over old: Node, using generator: inout SeededGenerator) -> Node {
        var node = Bool.random(using: &generator) ? new : old
        guard node.status.kind == .file, new.bytes != old.bytes else { return node }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: node.bytes = old.bytes
        case 1: node.bytes = new.bytes
        case 2: node.bytes = []
        default: node.bytes = Array(new.bytes.prefix(new.bytes.count / 2))
        }
        node.status.size = node.bytes.count
        return node
    }

    private func collect(_ directory: Inode, _ path: String, _ found: inout [String: (Inode, Node)]) {
        for (name, inode) in entries[directory] ?? [:] {
            guard let node = content[inode] else { continue }
            let place = FakeFiles.join(path, name)
            found[place] = (inode, node)
            if node.status.kind == .directory { collect(inode, place, &found) }
        }
    }
}

extension FakeDisk.Change {
    fileprivate func concerns(_ inode: FakeDisk.Inode) -> Bool {
        switch self {
        case .link(let directory, _, _), .unlink(let directory, _): directory == inode
        case .move(let old, _, let new, _): old == inode || new == inode
        }
    }

    fileprivate func concerns(_ inode: FakeDisk.Inode, _ wanted: String) -> Bool {
        switch self {
        case .link(let directory, let name, _), .unlink(let directory, let name): directory == inode && name == wanted
        case .move(let old, let name, let new, let newName):
            old == inode && name == wanted || new == inode && newName == wanted
        }
    }
}
