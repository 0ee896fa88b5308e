/// The time zone of the machine (timezone(5), localtime(5)).
///
///     Timezone("Europe/Berlin")
///
/// `/etc/localtime` becomes a link to the zone, and `/etc/timezone` follows if it exists. The package `tzdata` is
/// installed first. Running programs keep their zone until they are restarted: add `.onChange(Service.Restart("cron"))`
/// where that matters.
public struct Timezone: Revertible {
    public typealias Target = DebianLike

    /// A name from the tz database.
    public let zone: String

    /// - Parameter zone: a name from the tz database, such as `Europe/Berlin` or `Etc/UTC`.
    public init(_ zone: String) { self.zone = zone }

    public var name: String { "time zone \(zone.escaped)" }
    public var claims: [Claim] {
        [
            Claim("the time zone", is: zone),
            .path(Self.link, is: "the zone \(zone)", summary: "a link to the time zone \(zone.escaped)"),
        ]
    }
    public var problems: [String] { problems(in: validate) }

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("tzdata")])
    }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let present = try linkedZone(on: machine)
        let change = Check.unmet(
            present == zone ? "\(Self.link) is missing" : "\(present?.escaped ?? "a copy of a zone") → \(zone)")
        guard try await machine.fact(DpkgStatus.self).isInstalled("tzdata") else {
            // The package keeps a zone that is set; otherwise it uses the answer of debconf, or Etc/UTC.
            let isOpen = try machine.files.status(of: Self.link)?.kind != .link
            let mayCome =
                try present == zone
                || isOpen
                    && (writtenZone(on: machine) == zone
                        || DebconfDatabase(on: machine).answer(to: "tzdata/Areas") != nil)
            return mayCome ? .unknown(until: "tzdata is installed") : change
        }
        try requireZone(on: machine)
        guard present == zone, try machine.files.status(of: Self.link) != nil else { return change }
        if let text = try writtenZone(on: machine), text != zone {
            return .unmet("\(Self.text): \(text.escaped) → \(zone)")
        }
        return .satisfied
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try requireZone(on: machine)
        if try machine.files.status(of: Self.link)?.kind != .link || linkedZone(on: machine) != zone {
            try machine.originals.keep(Self.link)
            // Creating a link would not replace a copy of the zone's file.
            if try machine.files.status(of: Self.link)?.kind == .file { try machine.files.remove(Self.link) }
            try machine.files.createLink(Self.link, to: Self.database.appending(zone).string)
        }
        if let text = try writtenZone(on: machine), text != zone, let status = try machine.files.status(of: Self.text) {
            try machine.originals.keep(Self.text)
            try machine.files.replace(
                Self.text, with: Array((zone + "\n").utf8), mode: status.mode, owner: status.owner)
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try machine.checkRestored([Self.link, Self.text])
    }

    public func revert(on machine: Machine) async throws {
        for path in [Self.link, Self.text] { try machine.originals.restore(path) }
    }

    private static let link: FilePath = "/etc/localtime"
    private static let text: FilePath = "/etc/timezone"
    private static let database: FilePath = "/usr/share/zoneinfo"

    private func validate() throws {
        let parts = zone.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_+-".utf8.contains($0) }
        }
        guard isName else {
            throw Failure(
                "invalid time zone “\(zone.escaped)”", advice: "Write it as Europe/Berlin or Etc/UTC.")
        }
    }

    private func requireZone(on machine: Machine) throws {
        var path = Self.database.appending(zone)
        // The database has links among its files, and one, `localtime`, to the link that is set here.
        for _ in 0..<4 {
            guard path.starts(with: Self.database), try machine.files.status(of: path)?.kind == .link else { break }
            path = path.removingLastComponent().pushing(FilePath(try machine.files.destination(ofLink: path)))
                .lexicallyNormalized()
        }
        guard path.starts(with: Self.database), try machine.files.status(of: path)?.kind == .file,
            try machine.files.read(path, first: 4) == Array("TZif".utf8)
        else {
            throw Failure(
                "there is no time zone \(zone)",
                advice:
                    "`timedatectl list-timezones` lists them. Since Debian 13, old names such as US/Eastern are in "
                    + "the package tzdata-legacy."
            )
        }
    }

    /// The name of the zone that is linked; nil if there is a copy instead of a link.
    private func linkedZone(on machine: Machine) throws -> String? {
        guard let status = try machine.files.status(of: Self.link) else {
            // The default of all programs.
            return "Etc/UTC"
        }
        guard status.kind != .directory else { throw Failure("\(Self.link) is a directory", advice: "Move it away.") }
        guard status.kind == .link else { return nil }
        let destination = FilePath("/etc").pushing(FilePath(try machine.files.destination(ofLink: Self.link)))
            .lexicallyNormalized()
        guard destination.starts(with: Self.database), destination != Self.database else { return destination.string }
        return destination.string.dropFirst(Self.database.string.utf8.count + 1).description
    }

    private func writtenZone(on machine: Machine) throws -> String? {
        guard try machine.files.status(of: Self.text) != nil else { return nil }
        return try machine.files.text(Self.text).trimmed
    }
}
