/// The limits and the storage of systemd's journal (journald.conf(5)).
///
///     Journald(storage: .volatile, runtimeMaximumUse: .mebibytes(16))
///     Journald(maximumUse: .mebibytes(64), syncInterval: .minutes(15))
///
/// The first writes no logs to an SD card at all, and loses them at each restart; the second keeps them within limits.
/// Settings that are not given stay as they are. A change restarts the journal, which loses no entries.
public struct Journald: FileBacked {
    public typealias Target = AnyLinux

    /// The storage of the journal.
    public enum Storage: String, Sendable {
        /// In memory.
        case volatile
        /// On the disk.
        case persistent
        /// On the disk if there is a directory `/var/log/journal`.
        case auto
    }

    public let storage: Storage?
    public let maximumUse: ByteSize?
    public let runtimeMaximumUse: ByteSize?
    public let maximumRetention: Duration?
    public let syncInterval: Duration?

    /// - Parameters:
    ///   - storage: memory or disk.
    ///   - maximumUse: the most space that it takes on the disk; 4 MiB at least.
    ///   - runtimeMaximumUse: the most memory that it takes; 4 MiB at least.
    ///   - maximumRetention: how long entries are kept.
    ///   - syncInterval: how often entries are synced to the disk; 5 minutes by systemd's default. Critical ones are
    ///     synced at once.
    public init(
        storage: Storage? = nil, maximumUse: ByteSize? = nil, runtimeMaximumUse: ByteSize? = nil,
        maximumRetention: Duration? = nil, syncInterval: Duration? = nil
    ) {
        self.storage = storage
        self.maximumUse = maximumUse
        self.runtimeMaximumUse = runtimeMaximumUse
        self.maximumRetention = maximumRetention
        self.syncInterval = syncInterval
    }

    public var name: String { "journal" }

    // The last drop-in counts, and Raspberry Pi OS has one.
    public var file: File {
        File(
            "/etc/systemd/journald.conf.d/zz-propel.conf", "[Journal]\n" + settings.map { "\($0.0)=\($0.1)\n" }.joined()
        )
    }

    public var createsDirectory: Bool { true }

    public func declaration(at place: SourcePlace) -> Declaration {
        var declaration = declaration(at: place, requiring: [])
        declaration.actions = [Self.restart]
        return declaration
    }

    public func revert(on machine: Machine) async throws {
        try await file.revert(on: machine, removesDirectory: true)
        try await Self.restart.perform(on: machine)
    }

    private static let restart = Service.Restart("systemd-journald")

    private var settings: [(String, String)] {
        let all: [(String, String?)] = [
            ("Storage", storage?.rawValue), ("SystemMaxUse", maximumUse.map { "\($0.bytes)" }),
            ("RuntimeMaxUse", runtimeMaximumUse.map { "\($0.bytes)" }),
            ("MaxRetentionSec", maximumRetention.map { "\($0.components.seconds)" }),
            ("SyncIntervalSec", syncInterval.map { "\($0.components.seconds)" }),
        ]
        return all.compactMap { key, value in value.map { (key, $0) } }
    }

    public func validate() throws {
        guard !settings.isEmpty else {
            throw Failure(
                "the journal is declared without a setting", advice: "Give one: Journald(maximumUse: .mebibytes(64)).")
        }
        for size in [maximumUse, runtimeMaximumUse].compactMap(\.self) where size < .mebibytes(4) {
            throw Failure("a journal of \(size) is too small", advice: "Give 4 MiB at least.")
        }
        for time in [maximumRetention, syncInterval].compactMap(\.self) where time.components.seconds < 1 {
            throw Failure("\(time) is too short for the journal", advice: "Give a second at least.")
        }
    }
}
