import Vocabulary
import Foundation

/// A machine on disk: its directory under `Place.machines`, and what is known of it.
struct Machine {
    let name: String

    /// What is recorded of a machine from the moment that its place is taken.
    struct Record: Codable {
        let suite: String
        /// The last byte of the machine's address.
        let number: Int
        /// The ssh host key as in `known_hosts`: type and key. Empty until the machine's disk is complete.
        var hostKey: String
        /// The machine's control groups when it was started last.
        var controlGroups: [String]

        /// Whether the machine's disk is all there.
        var isComplete: Bool { !hostKey.isEmpty }
    }

    var directory: String { "\(Place.machines)/\(name)" }
    var root: String { "\(directory)/root" }
    /// A symbolic link to the base that the machine was made from.
    var base: String { "\(directory)/base" }
    /// What the machine changed of the base's /usr.
    var usr: String { "\(directory)/usr" }
    var identityFile: String { "\(directory)/id_ed25519" }
    var knownHosts: String { "\(directory)/known_hosts" }
    var console: String { "\(directory)/console" }
    private var recordFile: String { "\(directory)/machine.json" }

    /// Held by whoever makes or takes away this machine.
    var lock: FileLock { FileLock(path: "\(Place.locks)/\(name).machine.lock") }

    var exists: Bool { access(directory, F_OK) == 0 }

    /// What is recorded, or nil where nothing is: the machine's making was cut short.
    /// - Throws: `SandboxError.file` where the record is damaged. It is not taken for an absent one, since the machine may run.
    func record() throws -> Record? {
        guard let text = readFile(recordFile) else {
            if access(recordFile, F_OK) == 0 { throw damaged }
            return nil
        }
        do { return try JSONDecoder().decode(Record.self, from: Data(text.utf8)) } catch { throw damaged }
    }

    private var damaged: SandboxError {
        .file(recordFile, reason: "is damaged. Take the sandbox away with: propel sandbox down \(name)")
    }

    func write(_ record: Record) throws {
        try writeFile(
            String(decoding: try JSONEncoder().encode(record), as: UTF8.self), to: recordFile, permissions: 0o600)
    }

    /// All machines, complete or not, by name.
    static func all() throws -> [Machine] {
        guard access(Place.machines, F_OK) == 0 else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: Place.machines).sorted()
            .filter { isValidName($0) && Machine(name: $0).isDirectory }.map(Machine.init)
    }

    private var isDirectory: Bool {
        var information = stat()
        return lstat(directory, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// A label of a host name (RFC 1123), short enough for what is made of it.
    static func isValidName(_ name: String) -> Bool {
        (1...40).contains(name.utf8.count) && name.first != "-" && name.last != "-"
            && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }

    /// Takes the lowest free address. The network's lock must be held.
    func reserve(_ suite: DebianRelease) throws {
        let taken = Set(try Machine.all().compactMap { try $0.record()?.number })
        guard let number = (2...254).first(where: { !taken.contains($0) }) else { throw SandboxError.networkFull }
        try makePrivateDirectory(directory)
        try write(Record(suite: suite.rawValue, number: number, hostKey: "", controlGroups: []))
    }

    /// The sandbox that this machine is, if its disk is complete.
    func sandbox(in network: Network?) -> Sandbox? {
        guard let network, let record = try? record(), record.isComplete,
            let suite = DebianRelease(rawValue: record.suite)
        else {
            return nil
        }
        return Sandbox(
            name: name, suite: suite, address: network.address(record.number), identityFile: identityFile,
            hostKey: record.hostKey)
    }
}
