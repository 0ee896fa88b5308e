import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Properties

@Suite(.recorded) struct ZFSTests {
    private let fake = FakeMachine()
    private let pool = Pool()

    /// The properties of the datasets.
    private final class Pool: Sendable {
        let datasets = Mutex<[String: [String: String]]>(["tank": ["type": "filesystem", "compression": "off"]])
    }

    init() {
        fake.commands.program("zfs") { [pool] command in
            pool.datasets.withLock { Self.answer(command.arguments, &$0) }
        }
    }

    private static func answer(_ words: [String], _ datasets: inout [String: [String: String]]) -> CommandResult {
        var pairs: [(String, String)] = []
        for word in words.dropFirst() where word.contains("=") {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            pairs.append((parts[0], ZFS.plain(parts[1])))
        }
        let id = words.last ?? ""
        switch words.first {
        case "create":
            let size = words.firstIndex(of: "-V").map { words[$0 + 1] }
            datasets[id] = ["type": size == nil ? "filesystem" : "volume"]
            if let size { datasets[id]?["volsize"] = ZFS.plain(size) }
        case "set": break
        case "get":
            var output = "", errors = ""
            for name in words.drop(while: { $0 != "all" }).dropFirst() {
                guard let found = datasets[name] else {
                    errors += "cannot open '\(name)': dataset does not exist\n"
                    continue
                }
                for (key, value) in found.sorted(by: { $0.key < $1.key }) { output += "\(name)\t\(key)\t\(value)\n" }
            }
            var result = errors.isEmpty ? CommandResult.printing(output) : .failing(1, errors)
            result.output = Array(output.utf8)
            return result
        default: return .failing(2, "unrecognized command\n")
        }
        for (key, value) in pairs { datasets[id]?[key] = value }
        return .printing()
    }

    @Test func `a dataset is made with its properties, and gets others`() async throws {
        let media = ZFS.Dataset("tank/media", ["compression": "zstd", "quota": "2T", "com.sun:auto-snapshot": "true"])
        #expect(
            try await fake.obeysLaw(media).reason
                == "create with com.sun:auto-snapshot=true, compression=zstd, quota=2T")
        #expect(
            fake.commands.log.contains(
                "zfs create -p -o com.sun:auto-snapshot=true -o compression=zstd -o quota=2T tank/media"))
        #expect(pool.datasets.withLock { $0["tank/media"]?["quota"] } == "2199023255552")
        let less = ZFS.Dataset("tank/media", ["quota": "1024G", "compression": "lz4"])
        #expect(
            try await fake.obeysLaw(less).reason == "compression zstd → lz4; quota 2199023255552 → 1024G")
        #expect(fake.commands.log.contains("zfs set compression=lz4 quota=1024G tank/media"))
        // What is not declared stays.
        #expect(try await fake.check(ZFS.Dataset("tank/media")) == .satisfied)
        #expect(try await fake.check(ZFS.Dataset("tank", ["compression": "off"])) == .satisfied)
    }

    @Test func `a volume is enlarged, and never made smaller`() async throws {
        try await fake.obeysLaw(ZFS.Dataset("tank/vm", ["volsize": "10G", "volblocksize": "16K"]))
        #expect(fake.commands.log.contains("zfs create -p -V 10G -o volblocksize=16K tank/vm"))
        #expect(
            try await fake.obeysLaw(ZFS.Dataset("tank/vm", ["volsize": "20G"])).reason == "volsize 10737418240 → 20G")
        let failure = await #expect(throws: Failure.self) {
            try await fake.check(ZFS.Dataset("tank/vm", ["volsize": "10G"]))
        }
        #expect(failure?.message == "the volume tank/vm has 21474836480 bytes, and 10G are declared")
        // zfs has rounded it up to whole blocks.
        #expect(try await fake.check(ZFS.Dataset("tank/vm", ["volsize": "21474312192"])) == .satisfied)
        await #expect(throws: Failure.self) { try await fake.check(ZFS.Dataset("tank", ["volsize": "10G"])) }
    }

    @Test(arguments: [
        ("1M", "1048576"), ("none", "0"), ("posixacl", "posix"), ("lz4", "lz4"), ("K", "K"), ("65536K", "67108864"),
        ("99999999P", "99999999P"),
    ]) func `a value is compared as zfs has it`(_ value: String, _ plain: String) { #expect(ZFS.plain(value) == plain) }

    @Test func `one question answers for all datasets`() async throws {
        let datasets = ["tank/a", "tank/b", "tank/c"].map { ZFS.Dataset($0) }
        for dataset in datasets { dataset.announce(to: fake.machine) }
        for dataset in datasets { #expect(try await dataset.check(on: fake.machine) == .unmet("create")) }
        #expect(fake.commands.log.count == 1)
    }

    @Test func `without zfs nothing can be told, and other errors are failures`() async throws {
        #expect(
            try await FakeMachine().check(ZFS.Dataset("tank/a")) == .unknown(until: "zfs is installed"))
        fake.commands.program("zfs", status: 1, errors: "The ZFS modules cannot be auto-loaded.\n")
        await #expect(throws: CommandFailure.self) { try await fake.check(ZFS.Dataset("tank/a")) }
    }

    @Test(arguments: [
        ZFS.Dataset(""), ZFS.Dataset("-x"), ZFS.Dataset("tank//a"), ZFS.Dataset("tank/a@b"),
        ZFS.Dataset("tank/a", ["a=b": "c"]), ZFS.Dataset("tank/a", ["quota": ""]),
        ZFS.Dataset("tank/a", ["x:y": "a\nb"]), ZFS.Dataset("tank/a", ["volsize": "large"]),
    ]) func `invalid parameters are a problem`(_ dataset: ZFS.Dataset) { #expect(dataset.problems.count == 1) }

    @Test func `two values of a property conflict, and two words for one do not`() {
        let host = Host("x", runs: Debian.self) {
            ZFS.Dataset("tank/a", ["quota": "1T"])
            ZFS.Dataset("tank/a", ["quota": "1024G", "atime": "off"])
            ZFS.Dataset("tank/a", ["atime": "on"])
        }
        #expect(host.conflicts.count == 1)
    }
}
