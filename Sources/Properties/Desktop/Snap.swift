/// A snap: a program of the Snap Store, which upgrades itself (snap(8)).
///
///     Snap("chromium")
///     Snap("microk8s", channel: "1.30/stable", isClassic: true)
///     Snap.Absent("lxd")
///
/// snapd is installed first. One question answers for all snaps. A revert removes it; snapd keeps a snapshot of its
/// data for a month.
public struct Snap: Revertible {
    public typealias Target = DebianLike

    public let id: String
    public let channel: String?
    public let isClassic: Bool

    /// - Parameters:
    ///   - id: the name in the store.
    ///   - channel: the track and the risk that it follows: `latest/edge`, `1.30/stable`, `edge`; by default that of
    ///     the store for a new one, and its present one for another.
    ///   - isClassic: whether it may be installed without confinement, with all rights of a program; no by default. It
    ///     counts when it is installed.
    public init(_ id: String, channel: String? = nil, isClassic: Bool = false) {
        self.id = id
        self.channel = channel
        self.isClassic = isClassic
    }

    public var name: String { "snap \(id)" }
    public var claims: [Claim] { [Claim("the snap \(id)", is: channel ?? "installed")] }
    public var problems: [String] { problems(in: validate) }

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("snapd")])
    }

    /// - Throws: ``Undetermined`` if snapd is not installed yet.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        let snaps = try await machine.fact(Snaps.self)
        guard let found = snaps[id] else { return .unmet("install" + (channel.map { " from \($0)" } ?? "")) }
        var reasons = found.isDisabled ? ["enable"] : []
        if let channel, !found.follows(channel) { reasons.append("channel \(found.channel) → \(channel)") }
        return .unmet(unlessEmpty: reasons)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        let channel = channel.map { ["--channel=\($0)"] } ?? []
        guard let found = try await machine.fact(Snaps.self)[id] else {
            machine.showProgress("installing the snap \(id)")
            try await Self.snap(["install"] + channel + (isClassic ? ["--classic"] : []) + [id], on: machine)
            return
        }
        if found.isDisabled { try await Self.snap(["enable", id], on: machine) }
        if let wanted = self.channel, !found.follows(wanted) {
            machine.showProgress("refreshing the snap \(id)")
            try await Self.snap(["refresh"] + channel + [id], on: machine)
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check { try await Absent(id).check(on: machine) }
    public func revert(on machine: Machine) async throws { try await Absent(id).apply(on: machine) }

    fileprivate static func snap(_ arguments: [String], on machine: Machine) async throws {
        try await machine.succeed(Invocation("snap", arguments, timeout: .hours(1)))
    }

    private func validate() throws {
        try Self.validate(id)
        guard let channel else { return }
        guard !channel.isEmpty, !channel.hasPrefix("-"), channel.split(separator: "/").count <= 3,
            channel.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "./-_".utf8.contains($0) })
        else {
            throw Failure(
                "invalid channel “\(channel.escaped)” of the snap \(id)", advice: "Write one such as latest/stable.")
        }
    }

    fileprivate static func validate(_ id: String) throws {
        guard id.utf8.first?.isASCIILetterOrDigit == true,
            id.utf8.allSatisfy({ $0.isASCIILowercase || $0.isASCIIDigit || "-_".utf8.contains($0) })
        else {
            throw Failure("invalid name of a snap “\(id.escaped)”", advice: "Use lowercase letters, digits and “-”.")
        }
    }
}

extension Snap {
    /// No snap of that name.
    ///
    ///     Snap.Absent("lxd")
    ///     Snap.Absent("firefox", purge: true)
    ///
    /// A machine without snapd has none. One that others need, such as a base, is removed after them.
    public struct Absent: Property {
        public typealias Target = DebianLike

        public let id: String
        public let purge: Bool

        /// - Parameters:
        ///   - id: the name in the store.
        ///   - purge: whether no snapshot of its data is kept; no by default: then snapd keeps one for a month.
        public init(_ id: String, purge: Bool = false) {
            self.id = id
            self.purge = purge
        }

        public var name: String { "no snap \(id)" }
        public var claims: [Claim] { [Claim("the snap \(id)", is: "absent")] }
        public var problems: [String] { problems { try Snap.validate(id) } }

        public func check(on machine: Machine) async throws -> Check {
            try Snap.validate(id)
            guard try Snaps.isThere(on: machine) else {
                try machine.awaitPackages()
                return .satisfied
            }
            guard try await machine.fact(Snaps.self)[id] != nil else { return .satisfied }
            return .unmet(purge ? "purge" : "remove")
        }

        public func apply(on machine: Machine) async throws {
            try Snap.validate(id)
            try await Snap.snap(["remove"] + (purge ? ["--purge"] : []) + [id], on: machine)
        }
    }
}

/// The snaps of the machine, as `snap list` prints them.
struct Snaps: MachineFact {
    struct Entry: Equatable {
        var channel: String
        var isDisabled: Bool

        /// Whether it follows a channel, of which `latest` and `stable` may be left out. A long one is cut in the list.
        func follows(_ declared: String) -> Bool {
            let risks = ["stable", "candidate", "beta", "edge"]
            var parts = declared.split(separator: "/").map(String.init)
            if let first = parts.first, risks.contains(first) { parts.insert("latest", at: 0) }
            if parts.count == 1 { parts.append("stable") }
            let wanted = parts.joined(separator: "/")
            return channel.hasSuffix("…") ? wanted.hasPrefix(channel.dropLast()) : channel == wanted
        }
    }

    private let entries: [String: Entry]

    static func isThere(on machine: Machine) throws -> Bool { try machine.files.status(of: "/usr/bin/snap") != nil }

    /// - Throws: ``Undetermined`` if snapd is not installed.
    static func read(from machine: Machine) async throws -> Snaps {
        guard try isThere(on: machine) else { throw Undetermined(until: "snapd is installed") }
        let list = Invocation("snap", ["list", "--unicode=always", "--color=never"])
        let lines = try await machine.succeed(list).text.nonEmptyLines.dropFirst()
        var entries: [String: Entry] = [:]
        for line in lines {
            // Name, version, revision, tracking, publisher, notes.
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count >= 6 else { continue }
            entries[fields[0]] = Entry(
                channel: fields[3], isDisabled: fields[5...].contains { $0.split(separator: ",").contains("disabled") })
        }
        return Snaps(entries: entries)
    }

    subscript(name: String) -> Entry? { entries[name] }
}
