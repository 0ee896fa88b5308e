/// A module, a site or a part of the configuration of Debian's Apache, which reads it if there is a link.
struct ApacheSwitch: Sendable {
    enum Kind: String, Sendable {
        case module = "mod"
        case site
        case configuration = "conf"

        var word: String {
            switch self {
            case .module: "module"
            case .site: "site"
            case .configuration: "configuration"
            }
        }
    }

    let kind: Kind
    let id: String

    private func directory(_ state: String) -> FilePath {
        FilePath("/etc/apache2/\(kind.rawValue)\(kind == .configuration ? "" : "s")-\(state)")
    }

    private var suffix: String { kind == .module ? ".load" : ".conf" }
    private func path(_ state: String) -> FilePath { directory(state).appending(id + suffix) }

    /// The link that decides.
    var link: FilePath { path("enabled") }

    func isEnabled(on machine: Machine) throws -> Bool { try machine.files.status(of: link) != nil }

    /// - Throws: ``Undetermined`` if there is nothing to enable, or a package that may enable it is yet to come.
    func check(isEnabled wanted: Bool, on machine: Machine) throws -> Check {
        try validate()
        guard try isEnabled(on: machine) != wanted else {
            // A package enables what it brings.
            if !wanted { try machine.awaitPackages() }
            return .satisfied
        }
        if wanted, try machine.files.status(of: path("available")) == nil {
            throw Undetermined(until: "something before it makes \(path("available"))")
        }
        return .unmet(wanted ? "enable \(id)" : "disable \(id)")
    }

    /// Enables or disables it. A configuration that Apache would not start with is not left behind.
    func set(_ isEnabled: Bool, on machine: Machine) async throws {
        try validate()
        // Some properties of a kind may be done already.
        guard try self.isEnabled(on: machine) != isEnabled else { return }
        try await run(isEnabled, on: machine)
        do {
            try await machine.run("apache2ctl", "configtest")
        } catch let error as CommandFailure {
            try await run(!isEnabled, on: machine)
            throw error
        }
    }

    private func run(_ isEnabled: Bool, on machine: Machine) async throws {
        try await machine.run("\(isEnabled ? "a2en" : "a2dis")\(kind.rawValue)", "--quiet", id)
    }

    func validate() throws {
        guard let first = id.utf8.first, first.isASCIILetterOrDigit,
            id.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "._-".utf8.contains($0) })
        else {
            throw Failure(
                "invalid name of a \(kind.word) of Apache “\(id.escaped)”",
                advice: "Write it as in \(directory("available")), without \(suffix).")
        }
    }
}

/// A property that is one or several of them.
protocol ApacheEnabling: Revertible where Target == DebianLike {
    var switches: [ApacheSwitch] { get }
    var isEnabled: Bool { get }
    /// Whether Apache must be restarted for the change, not only reloaded.
    var needsRestart: Bool { get }
}

extension ApacheEnabling {
    public var name: String {
        let ids = switches.map(\.id).joined(separator: ", ")
        return "\(switches.first?.kind.word ?? "nothing")\(switches.count > 1 ? "s" : "") \(ids) of Apache"
            + (isEnabled ? "" : " disabled")
    }

    public var claims: [Claim] {
        switches.map { Claim("the \($0.kind.word) \($0.id) of Apache", is: isEnabled ? "enabled" : "disabled") }
    }

    public var problems: [String] { problems(in: validate) }

    public func declaration(at place: SourcePlace) -> Declaration {
        var declaration = declaration(at: place, requiring: isEnabled ? [Apt.Installed("apache2")] : [])
        declaration.actions = [needsRestart ? Service.Restart("apache2") : Service.Reload("apache2")]
        return declaration
    }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        var reasons: [String] = []
        for one in switches {
            if case .unmet(let change) = try one.check(isEnabled: isEnabled, on: machine) {
                reasons.append(change.reason)
            }
        }
        return .unmet(unlessEmpty: reasons)
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        for one in switches {
            try machine.originals.keep(one.link)
            try await one.set(isEnabled, on: machine)
        }
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        var reasons: [String] = []
        for (one, wasEnabled) in try former(on: machine) where try one.isEnabled(on: machine) != wasEnabled {
            reasons.append("\(wasEnabled ? "enable" : "disable") \(one.id)")
        }
        return .unmet(unlessEmpty: reasons)
    }

    public func revert(on machine: Machine) async throws {
        for (one, wasEnabled) in try former(on: machine).reversed() {
            try await one.set(wasEnabled, on: machine)
            try machine.originals.forget(one.link)
        }
        let action: Service.IfRunning = needsRestart ? .restart("apache2") : .reload("apache2")
        try await action.perform(on: machine)
    }

    /// The switches that were changed, and whether they were enabled before.
    private func former(on machine: Machine) throws -> [(ApacheSwitch, Bool)] {
        var former: [(ApacheSwitch, Bool)] = []
        for one in switches where try machine.originals.has(one.link) {
            former.append((one, try !machine.originals.wasAbsent(one.link)))
        }
        return former
    }

    private func validate() throws {
        guard !switches.isEmpty else {
            throw Failure("nothing of Apache is named", advice: "Give a name: Apache.Module(\"rewrite\").")
        }
        for one in switches { try one.validate() }
    }
}
