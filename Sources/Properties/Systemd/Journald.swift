/// How much systemd's journal keeps, and where (journald.conf(5)).
///
///     Journald(storage: .volatile, runtimeMaximumUse: .mebibytes(16))
///     Journald(maximumUse: .mebibytes(64), syncInterval: .minutes(15))
///
/// The first keeps an SD card from being written to for logs at all, and what was logged is lost with each restart; the second
/// keeps logs, in bounds. What is not given stays as it is. A change restarts the journal, which loses nothing of it.
public struct Journald: Revertible {
    public typealias Target = AnyLinux

    /// Where the journal is.
    public enum Storage: String, Sendable {
        /// In memory.
        case volatile
        /// On the disk.
        case persistent
        /// On the disk where there is a directory `/var/log/journal`.
        case auto
    }

    public let storage: Storage?
    public let maximumUse: ByteSize?
    public let runtimeMaximumUse: ByteSize?
    public let maximumRetention: Duration?
    public let syncInterval: Duration?

    /// - Parameters:
    ///   - storage: where it is.
    ///   - maximumUse: the most that it takes on the disk.
    ///   - runtimeMaximumUse: the most that it takes in memory.
    ///   - maximumRetention: how long an entry is kept.
    ///   - syncInterval: how often it is written to the disk for certain; systemd's own is 5 minutes. What is critical is at once.
    public init(
        storage: Storage? = nil, maximumUse: ByteSize? = nil, runtimeMaximumUse: ByteSize? = nil,
        maximumRetention: Duration? = nil,
        syncInterval: Duration? = nil
    ) {
        self.storage = storage
        self.maximumUse = maximumUse
        self.runtimeMaximumUse = runtimeMaximumUse
        self.maximumRetention = maximumRetention
        self.syncInterval = syncInterval
    }

    public var name: String { "journal" }
    public var claims: [Claim] { file.file.claims }

    public func declaration(at place: SourcePlace) -> Declaration {
        var declaration = declaration(at: place, requiring: [])
        declaration.actions = [Self.restart]
        return declaration
    }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        return try await file.check(on: machine)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try await file.apply(on: machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check { try await file.checkReverted(on: machine) }

    public func revert(on machine: Machine) async throws {
        try await file.revert(on: machine)
        try await Self.restart.perform(on: machine)
    }

    private static let restart = Service.Restart("systemd-journald")

    // Of drop-ins the last counts, and Raspberry Pi OS has one of its own.
    private var file: DropInFile {
        DropInFile(
            "/etc/systemd/journald.conf.d/zz-propel.conf", "[Journal]\n" + settings.map { "\($0.0)=\($0.1)\n" }.joined()
        )
    }

    private var settings: [(String, String)] {
        let all: [(String, String?)] = [
            ("Storage", storage?.rawValue), ("SystemMaxUse", maximumUse.map { "\($0.bytes)" }),
            ("RuntimeMaxUse", runtimeMaximumUse.map { "\($0.bytes)" }),
            ("MaxRetentionSec", maximumRetention.map { "\($0.components.seconds)" }),
            ("SyncIntervalSec", syncInterval.map { "\($0.components.seconds)" }),
        ]
        return all.compactMap { key, value in value.map { (key, $0) } }
    }

    private func validate() throws {
        guard !settings.isEmpty else {
            throw Failure(
                "the journal is declared without a setting", advice: "Give one: Journald(maximumUse: .mebibytes(64)).")
        }
        for size in [maximumUse, runtimeMaximumUse].compactMap(\.self) where size < .mebibytes(4) {
            throw Failure(
                "a journal of \(size) is too small", advice: "Give 4 MiB at least: below that it keeps next to nothing."
            )
        }
        for time in [maximumRetention, syncInterval].compactMap(\.self) where time.components.seconds < 1 {
            throw Failure("a time of \(time) is too short for the journal", advice: "Give a second at least.")
        }
    }
}
