import PropelTesting
import Properties
import Synchronization

/// The programs of ZFS as far as the tests need them, on a machine with disks.
final class FakeZFS: Sendable {
    let disks = FakeDisks("vdb", "vdc", "vdd")
    var fake: FakeMachine { disks.fake }
    /// The properties of datasets, and the options of pools by “pool NAME”.
    let values = Mutex<[String: [String: String]]>([:])

    /// What has changed something.
    var changes: [String] { disks.changes.filter { !$0.contains(" list ") && !$0.contains(" get ") } }

    init() {
        fake.files.put("/usr/sbin/zfs", "", mode: 0o755)
        fake.hasInstalled("zfsutils-linux")
        fake.commands.program("zfs", zfs)
        fake.commands.program("zpool", zpool)
    }

    private func zfs(_ command: Invocation) -> CommandResult {
        let words = command.arguments
        switch words[0] {
        case "list":
            let names = values.withLock { $0.keys.filter { !$0.hasPrefix("pool ") }.sorted() }
            return .printing(names.map { $0 + "\n" }.joined())
        case "get": return get(words.dropFirst(6), prefix: "")
        case "set":
            for pair in words.dropFirst().dropLast() { set(pair, of: words.last ?? "") }
            return .printing()
        default:
            let name = words.last ?? ""
            values.withLock { $0[name] = [:] }
            var rest = words.dropFirst().dropLast()
            while let word = rest.popFirst() {
                if word == "-o", let pair = rest.popFirst() { set(pair, of: name) }
                if word == "-V", let size = rest.popFirst() { set("volsize=\(size)", of: name) }
            }
            return .printing()
        }
    }

    private func zpool(_ command: Invocation) -> CommandResult {
        let words = command.arguments
        if words[0] == "get" { return get(words.dropFirst(6), prefix: "pool ") }
        if words[0] == "set" {
            set(words[1], of: "pool \(words[2])")
            return .printing()
        }
        var rest = words.dropFirst(), options: [String] = []
        while rest.first == "-o" || rest.first == "-O" {
            let kind = rest.removeFirst(), pair = rest.removeFirst()
            if kind == "-o" { options.append(pair) }
        }
        let name = rest.removeFirst()
        values.withLock { $0[name] = [:] }
        for pair in options { set(pair, of: "pool \(name)") }
        return .printing()
    }

    private func get(_ names: ArraySlice<String>, prefix: String) -> CommandResult {
        .printing(
            values.withLock { values in
                names.flatMap { name in
                    (values[prefix + name] ?? [:]).sorted { $0.key < $1.key }.map {
                        "\(name)\t\($0.key)\t\($0.value)\n"
                    }
                }.joined()
            })
    }

    private func set(_ pair: String, of name: String) {
        let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
        values.withLock { $0[name, default: [:]][parts[0]] = parts.count > 1 ? parts[1] : "" }
    }
}
