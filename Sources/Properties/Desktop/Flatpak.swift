/// An application of a flatpak repository (flatpak(1)).
///
///     Flatpak.Remote("flathub", "https://dl.flathub.org/repo/flathub.flatpakrepo")
///     Flatpak("org.videolan.VLC", from: "flathub")
///     Flatpak("com.spotify.Client", from: "flathub", user: "anna")
///
/// flatpak is installed first. It is there for all users, or for one. `flatpak update` upgrades it; a revert uninstalls
/// it, and leaves its data in the homes of users.
public struct Flatpak: Revertible {
    public typealias Target = DebianLike

    public let id: String
    public let remote: String
    public let user: String?

    /// - Parameters:
    ///   - id: the name of the application, or of a runtime: `org.videolan.VLC`.
    ///   - remote: the repository, which must be declared before.
    ///   - user: the name of the user who has it; all by default.
    public init(_ id: String, from remote: String, user: String? = nil) {
        self.id = id
        self.remote = remote
        self.user = user
    }

    public var name: String { "flatpak \(id)" + (user.map { " of \($0)" } ?? "") }
    public var claims: [Claim] { [Claim("the flatpak \(id) of \(user ?? "all users")", is: "from \(remote)")] }
    public var problems: [String] { problems(in: validate) }

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("flatpak")])
    }

    /// - Throws: ``Undetermined`` if the user does not exist yet.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        return try await isInstalled(on: machine) ? .satisfied : .unmet("install from \(remote)")
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        machine.showProgress("installing \(id)")
        try await FlatpakPlace(user: user).run(
            ["install", "--noninteractive", "--assumeyes"], [remote, id], on: machine)
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validate()
        if let user, try await machine.user(user) == nil { return .satisfied }
        return try await isInstalled(on: machine) ? .unmet("uninstall") : .satisfied
    }

    public func revert(on machine: Machine) async throws {
        try await FlatpakPlace(user: user).run(["uninstall", "--noninteractive", "--assumeyes"], [id], on: machine)
    }

    private func isInstalled(on machine: Machine) async throws -> Bool {
        let directory = try await FlatpakPlace(user: user).directory(on: machine)
        return try ["app", "runtime"].contains { kind in
            let deployed = directory.appending(kind).appending(id)
            return try machine.files.status(of: deployed) != nil && !machine.files.list(deployed).isEmpty
        }
    }

    private func validate() throws {
        let parts = id.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2,
            parts.allSatisfy({ part in
                part.utf8.first?.isASCIILetterOrDigit == true || part.utf8.first == UInt8(ascii: "_")
            }), id.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "._-".utf8.contains($0) })
        else {
            throw Failure(
                "invalid name of a flatpak “\(id.escaped)”", advice: "Write the whole one: org.videolan.VLC.")
        }
        try FlatpakPlace.validate(remote: remote)
        if let user { try AccountName.validate(user, of: "user") }
    }
}

extension Flatpak {
    /// A repository of flatpaks.
    ///
    ///     Flatpak.Remote("flathub", "https://dl.flathub.org/repo/flathub.flatpakrepo")
    ///
    /// Its key comes with the file of the repository. A revert removes it, which flatpak refuses as long as something
    /// of it is installed.
    public struct Remote: Revertible {
        public typealias Target = DebianLike

        public let id: String
        public let url: String
        public let user: String?

        /// - Parameters:
        ///   - id: its name on the machine.
        ///   - url: `https://…`, of a `.flatpakrepo` file. It counts when the repository is added.
        ///   - user: the name of the user who has it; all by default.
        public init(_ id: String, _ url: String, user: String? = nil) {
            self.id = id
            self.url = url
            self.user = user
        }

        public var name: String { "flatpak repository \(id)" + (user.map { " of \($0)" } ?? "") }
        public var claims: [Claim] { [Claim("the flatpak repository \(id) of \(user ?? "all users")", is: url)] }
        public var problems: [String] { problems(in: validate) }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Apt.Installed("flatpak")])
        }

        /// - Throws: ``Undetermined`` if the user does not exist yet.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            return try await isPresent(on: machine) ? .satisfied : .unmet("add \(url)")
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await FlatpakPlace(user: user).run(["remote-add"], [id, url], on: machine)
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try validate()
            if let user, try await machine.user(user) == nil { return .satisfied }
            return try await isPresent(on: machine) ? .unmet("remove") : .satisfied
        }

        public func revert(on machine: Machine) async throws {
            try await FlatpakPlace(user: user).run(["remote-delete"], [id], on: machine)
        }

        private func isPresent(on machine: Machine) async throws -> Bool {
            let config = try await FlatpakPlace(user: user).directory(on: machine).appending("repo").appending("config")
            let text = String(decoding: try machine.files.readIfPresent(config) ?? [], as: UTF8.self)
            return text.lines.contains { String($0).trimmed == "[remote \"\(id)\"]" }
        }

        private func validate() throws {
            try FlatpakPlace.validate(remote: id)
            guard url.hasPrefix("https://"), url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw Failure(
                    "invalid URL “\(url.escaped)” of the flatpak repository \(id)",
                    advice: "Write one that begins with https://.")
            }
            if let user { try AccountName.validate(user, of: "user") }
        }
    }
}

/// The installation of flatpak for all users, or for one.
private struct FlatpakPlace {
    let user: String?

    func directory(on machine: Machine) async throws -> FilePath {
        guard let user else { return "/var/lib/flatpak" }
        return try await machine.awaitedUser(user).home.appending(".local/share/flatpak")
    }

    func run(_ verb: [String], _ words: [String], on machine: Machine) async throws {
        let arguments = verb + [user == nil ? "--system" : "--user"] + words
        let command = Invocation("flatpak", arguments, timeout: .hours(1))
        guard let user else {
            try await machine.succeed(command)
            return
        }
        try await machine.succeed(command.asUser(try await machine.awaitedUser(user)))
    }

    static func validate(remote: String) throws {
        guard remote.utf8.first?.isASCIILetterOrDigit == true,
            remote.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "._-".utf8.contains($0) })
        else {
            throw Failure(
                "invalid name of a flatpak repository “\(remote.escaped)”",
                advice: "Use letters, digits, “.”, “_” and “-”.")
        }
    }
}
