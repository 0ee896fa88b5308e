/// A package of snapd (snap(8)).
///
///     Snap("certbot", classic: true)
///     Snap("lxd", channel: "5.21/stable")
///
/// snapd is installed first, and upgrades its packages by itself. A revert removes the package; snapd keeps a snapshot
/// of its data for a month. One question answers for all packages.
public struct Snap: Revertible {
    public typealias Target = DebianLike

    public let package: String
    public let channel: String?
    public let isClassic: Bool

    /// - Parameters:
    ///   - package: its name.
    ///   - channel: the channel that it follows: `stable`, `edge`, `5.21/stable`; nil, the default, leaves that of an
    ///     installed package, and is `latest/stable` for a new one.
    ///   - classic: whether it may be installed without confinement, as some packages ask for; no by default.
    public init(_ package: String, channel: String? = nil, classic: Bool = false) {
        self.package = package
        self.channel = channel
        isClassic = classic
    }

    public var name: String { "snap \(package)" }
    public var claims: [Claim] { [Claim(name, is: "\(channel ?? "installed")\(isClassic ? ", classic" : "")")] }
    public var problems: [String] { problems(in: validate) }

    private static let program: FilePath = "/usr/bin/snap"

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("snapd")])
    }

    /// The whole name of the channel, as snapd lists it: `latest/edge` for `edge`.
    private var fullChannel: String? {
        guard let channel, !channel.contains("/") else { return channel }
        return ["stable", "candidate", "beta", "edge"].contains(channel) ? "latest/\(channel)" : "\(channel)/stable"
    }

    /// - Throws: ``Undetermined`` if snapd is not installed yet.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        guard let found = try await machine.fact(Snaps.self)[package] else {
            return .unmet("install\(fullChannel.map { " from \($0)" } ?? "")")
        }
        guard let fullChannel, fullChannel != found else { return .satisfied }
        return .unmet("channel \(found) → \(fullChannel)")
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        machine.showProgress("installing \(package)")
        let isThere = try await machine.fact(Snaps.self)[package] != nil
        let options = (fullChannel.map { ["--channel=\($0)"] } ?? []) + (isClassic ? ["--classic"] : [])
        try await machine.succeed(
            Invocation("snap", [isThere ? "refresh" : "install"] + options + [package], timeout: .hours(1)))
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validate()
        guard try machine.files.status(of: Self.program) != nil else { return .satisfied }
        return try await machine.fact(Snaps.self)[package] == nil ? .satisfied : .unmet("remove it")
    }

    public func revert(on machine: Machine) async throws {
        try await machine.succeed(Invocation("snap", ["remove", package], timeout: .hours(1)))
    }

    private func validate() throws {
        try PlainName.validate(package, of: "a snap")
        guard package.utf8.first != UInt8(ascii: "-") else { throw Failure("invalid name of a snap “\(package)”") }
        guard let channel else { return }
        guard let first = channel.utf8.first, first.isASCIILetterOrDigit,
            channel.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "/.-_".utf8.contains($0) })
        else {
            throw Failure(
                "invalid channel “\(channel.escaped)” of the snap \(package)",
                advice: "Write one such as latest/stable.")
        }
    }

    /// The channels of the packages that are installed.
    struct Snaps: MachineFact {
        private var channels: [String: String] = [:]

        static func read(from machine: Machine) async throws -> Snaps {
            guard try machine.files.status(of: Snap.program) != nil else {
                throw Undetermined(until: "snapd is installed")
            }
            var snaps = Snaps()
            // Name, version, revision, channel, publisher and notes. Without a package it says so among the errors.
            for line in try await machine.succeed(Invocation("snap", ["list"])).text.nonEmptyLines.dropFirst() {
                let words = line.split(separator: " ").map(String.init)
                if words.count > 3 { snaps.channels[words[0]] = words[3] }
            }
            return snaps
        }

        subscript(package: String) -> String? { channels[package] }
    }
}
