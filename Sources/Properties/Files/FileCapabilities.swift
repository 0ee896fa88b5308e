/// Capabilities of a program, which it has for each user who starts it (capabilities(7), setcap(8)).
///
///     FileCapabilities("/usr/local/bin/caddy", "cap_net_bind_service")
///     FileCapabilities("/usr/sbin/hdparm", "cap_sys_rawio")
///
/// It has these, permitted and effective, and no others. A new version of the file has none: then the next run gives
/// them again. For a service, `AmbientCapabilities=` of its unit is the better choice. The package libcap2-bin is
/// installed first, and one question answers for all programs. A revert takes all of them away.
public struct FileCapabilities: Revertible {
    public typealias Target = DebianLike

    public let path: FilePath
    public let capabilities: [String]

    /// - Parameters:
    ///   - path: absolute: the program, which must exist or be declared before. No symbolic link.
    ///   - capabilities: the names in lowercase: `cap_net_raw`.
    public init(_ path: FilePath, _ capabilities: String...) {
        self.path = path
        self.capabilities = capabilities
    }

    public var name: String { "capabilities of \(path)" }
    public var claims: [Claim] { [Claim(name, is: wanted)] }
    public var problems: [String] { problems(in: validate) }

    private var wanted: String { capabilities.sorted().joined(separator: ",") + "=ep" }

    public func declaration(at place: SourcePlace) -> Declaration {
        declaration(at: place, requiring: [Apt.Installed("libcap2-bin")])
    }

    public func announce(to machine: Machine) { machine.expect(path.string, of: CapabilityState.self) }

    /// - Throws: ``Undetermined`` if the program does not exist yet; ``Failure`` if it is no file, or others than root
    ///   could put a link in its place.
    public func check(on machine: Machine) async throws -> Check {
        try validate()
        try machine.refuseReplaceable(path)
        guard let found = try machine.files.status(of: path) else {
            throw Undetermined(until: "something before it makes \(path)")
        }
        guard found.kind == .file else {
            throw Failure(
                "\(path) is a \(found.kind.rawValue)",
                advice: found.kind == .link ? "Name the file that the link points to." : "Name a program.")
        }
        let present = try await machine.fact(CapabilityState.self).capabilities(of: path)
        return present == wanted ? .satisfied : .unmet("\(present ?? "none") → \(wanted)")
    }

    public func apply(on machine: Machine) async throws {
        try validate()
        try machine.refuseReplaceable(path)
        try await machine.succeed(Invocation("setcap", [wanted, path.string]))
    }

    public func checkReverted(on machine: Machine) async throws -> Check {
        try validate()
        guard try machine.files.status(of: path) != nil,
            let present = try await machine.fact(CapabilityState.self).capabilities(of: path)
        else { return .satisfied }
        return .unmet("take away \(present)")
    }

    public func revert(on machine: Machine) async throws {
        try machine.refuseReplaceable(path)
        try await machine.succeed(Invocation("setcap", ["-r", path.string]))
    }

    private func validate() throws {
        try validateAbsolute(path)
        guard !path.string.utf8.contains(where: { $0 <= 0x20 }) else {
            throw Failure("\(path.string.escaped) cannot be looked up", advice: "Choose a path without spaces.")
        }
        guard !capabilities.isEmpty, Set(capabilities).count == capabilities.count,
            capabilities.allSatisfy({ name in
                name.hasPrefix("cap_") && name.utf8.allSatisfy { $0.isASCIILowercase || $0 == UInt8(ascii: "_") }
            })
        else {
            throw Failure(
                "invalid capabilities “\(capabilities.joined(separator: ", ").escaped)” of \(path)",
                advice: "Write their names, each once: cap_net_bind_service.")
        }
    }
}

/// The capabilities of the programs that are declared with some (getcap(8)). One question answers for all of them.
struct CapabilityState: MachineFact {
    /// By the path, in the form of setcap with sorted names: `cap_net_admin,cap_net_raw=ep`.
    private var paths: [String: String] = [:]

    /// - Throws: ``Undetermined`` if the package libcap2-bin is not installed.
    static func read(from machine: Machine) async throws -> CapabilityState {
        let programs = ["/usr/sbin/getcap", "/sbin/getcap"]
        guard try programs.contains(where: { try machine.files.status(of: FilePath($0)) != nil }) else {
            throw Undetermined(until: "libcap2-bin is installed")
        }
        let declared = try machine.expected(of: CapabilityState.self).filter {
            try machine.files.status(of: FilePath($0))?.kind == .file
        }
        var state = CapabilityState()
        guard !declared.isEmpty else { return state }
        for line in try await machine.succeed(Invocation("getcap", declared)).text.nonEmptyLines {
            // “/usr/bin/ping cap_net_raw=ep”; before libcap 2.41 “/usr/bin/ping = cap_net_raw+ep”.
            let fields = line.split(separator: " ").map(String.init).filter { $0 != "=" }
            guard fields.count == 2, let end = fields[1].firstIndex(where: { "=+".contains($0) }) else { continue }
            let names = fields[1][..<end].split(separator: ",").sorted().joined(separator: ",")
            let flags = String(fields[1][fields[1].index(after: end)...].sorted())
            state.paths[fields[0]] = "\(names)=\(flags)"
        }
        return state
    }

    func capabilities(of path: FilePath) -> String? { paths[path.string] }
}
