import Foundation
import PlainText
import Vocabulary

/// The files of a sandbox: its directory under `Place.machines`, with its record.
struct SandboxMachine {
    let name: String

    /// The record of a machine, written as soon as it has a number.
    struct Record: Codable {
        let suite: String
        /// The last byte of the IPv4 address.
        let number: Int
        /// The ssh host key as in `known_hosts`: type and key. Empty until the disk is complete.
        var hostKey: String
        /// The control groups since the last start.
        var controlGroups: [String]

        /// Whether the disk is complete.
        var isComplete: Bool { !hostKey.isEmpty }
    }

    var directory: String { "\(Place.machines)/\(name)" }
    var root: String { "\(directory)/root" }
    /// A symbolic link to the base of the machine.
    var base: String { "\(directory)/base" }
    /// The changes to /usr of the base.
    var usr: String { "\(directory)/usr" }
    var identityFile: String { "\(directory)/id_ed25519" }
    var knownHosts: String { "\(directory)/known_hosts" }
    var console: String { "\(directory)/console" }
    private var recordFile: String { "\(directory)/machine.json" }

    /// Held while the machine is made or removed.
    var lock: FileLock { FileLock(path: "\(Place.locks)/\(name).machine.lock") }

    var exists: Bool { access(directory, F_OK) == 0 }

    /// Reads the record; nil if there is none, since making the machine was interrupted.
    /// - Throws: ``SandboxError/file(_:reason:)`` if the record is damaged. The machine may be running then.
    func record() throws -> Record? {
        guard let text = readFile(recordFile) else {
            if access(recordFile, F_OK) == 0 { throw damaged }
            return nil
        }
        do { return try JSONDecoder().decode(Record.self, from: Data(text.utf8)) } catch { throw damaged }
    }

    private var damaged: SandboxError {
        .file(recordFile, reason: "damaged: remove the sandbox with propel sandbox down \(name)")
    }

    func write(_ record: Record) throws {
        try writeFile(
            String(decoding: try JSONEncoder().encode(record), as: UTF8.self), to: recordFile, permissions: 0o600)
    }

    /// All machines, complete or not, by name.
    static func all() throws -> [SandboxMachine] {
        guard access(Place.machines, F_OK) == 0 else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: Place.machines).sorted()
            .filter { isValidName($0) && SandboxMachine(name: $0).isDirectory }.map(SandboxMachine.init)
    }

    private var isDirectory: Bool {
        var information = stat()
        return lstat(directory, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether the name is a label of a host name (RFC 1123) and short enough for the names that are made from it.
    static func isValidName(_ name: String) -> Bool {
        (1...40).contains(name.utf8.count) && name.first != "-" && name.last != "-"
            && name.utf8.allSatisfy { $0.isASCIILowercase || $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
    }

    /// Reserves the lowest free address. The lock of the network must be held.
    func reserve(_ suite: DebianRelease) throws {
        let taken = Set(try SandboxMachine.all().compactMap { try $0.record()?.number })
        guard let number = (2...254).first(where: { !taken.contains($0) }) else { throw SandboxError.networkFull }
        try makePrivateDirectory(directory)
        try write(Record(suite: suite.rawValue, number: number, hostKey: "", controlGroups: []))
    }

    /// The sandbox of this machine; nil unless its disk is complete.
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
