import Vocabulary

extension Machine {
    /// The value of a fact.
    /// - Throws: ``Failure`` if the machine has none: a release without a codename, or no way to the internet;
    ///   ``Undetermined`` if a user, a group or a file does not exist yet.
    public func value(of fact: Fact) async throws -> String {
        switch fact.source {
        case .system(let system): try await value(of: system)
        case .hardware(let hardware): try await value(of: hardware)
        case .network(let network): try await value(of: network)
        case .userID(let name):
            if let user = try await user(name) {
                "\(user.id)"
            } else {
                throw Undetermined(until: "the user \(name) exists")
            }
        case .groupID(let name):
            if let group = try await group(name) {
                "\(group.id)"
            } else {
                throw Undetermined(until: "the group \(name) exists")
            }
        case .file(let path): try line(of: path)
        }
    }

    /// The size limit of the line of a file, in bytes.
    private static let lineLimit = 4096

    private func line(of path: FilePath) throws -> String {
        guard let status = try files.status(of: path) else { throw Undetermined(until: "there is a file \(path)") }
        guard status.kind == .file, status.mode & 0o004 != 0 else {
            throw Failure(
                "\(path) is not a file that everybody may read, and its text would be shown",
                advice: "Let Propel generate a secret for both: Secret(NAME, generate: …).")
        }
        let bytes = try files.read(path, first: Self.lineLimit + 1), text = String(validating: bytes, as: UTF8.self)
        guard bytes.count <= Self.lineLimit, let line = text?.trimmed, !line.isEmpty,
            !line.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else { throw Failure("\(path) is not one line of text", advice: "Name a file with one value in it.") }
        return line
    }

    private func value(of fact: Fact.System) async throws -> String {
        let system = try await self.fact(OperatingSystem.self)
        switch fact {
        case .distribution: return system.id
        case .hostname: return try files.text("/proc/sys/kernel/hostname").trimmed
        case .codename:
            guard let codename = system.codename else { throw missing("codename", "\(system.description)") }
            return codename
        case .release:
            guard let release = system.release else { throw missing("release number", "\(system.description)") }
            return "\(release)"
        }
    }

    private func value(of fact: Fact.Hardware) async throws -> String {
        switch fact {
        case .architecture: return try architecture.rawValue
        case .debianArchitecture: return try architecture.debianName
        case .memory:
            // In kB, which are KiB.
            let line = try files.text("/proc/meminfo").lines.first { $0.hasPrefix("MemTotal:") }
            guard let size = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
                throw missing("memory size", "/proc/meminfo")
            }
            return "\(size * 1024)"
        case .processors:
            let count = try files.text("/proc/cpuinfo").lines.count { $0.hasPrefix("processor") }
            guard count > 0 else { throw missing("number of processors", "/proc/cpuinfo") }
            return "\(count)"
        case .virtualization: return try await self.fact(Virtualization.self).kind
        }
    }

    private var architecture: Architecture {
        get throws {
            guard let current = Architecture.current else { throw missing("known architecture", "this machine") }
            return current
        }
    }

    private func value(of fact: Fact.Network) async throws -> String {
        let network = try await self.fact(DefaultRoutes.self)
        let value =
            switch fact {
            case .ipv4: network.ipv4?.address
            case .ipv6: network.ipv6?.address
            case .interface: network.ipv4?.interface ?? network.ipv6?.interface
            }
        guard let value else {
            let protocolName = fact == .ipv4 ? "IPv4 " : fact == .ipv6 ? "IPv6 " : ""
            throw Failure(
                "the machine has no \(protocolName)way to the internet",
                advice: "`ip route` on the machine shows its routes.")
        }
        return value
    }

    private func missing(_ what: String, _ place: String) -> Failure {
        Failure("there is no \(what) in \(place)", advice: "Write the value instead of the fact.")
    }
}

/// The kind of virtualization of a machine (systemd-detect-virt(1)).
private struct Virtualization: LastingFact {
    let kind: String

    static func read(from machine: Machine) async throws -> Virtualization {
        let result = try await machine.run(Invocation("systemd-detect-virt", []))
        // It exits with 1 and prints “none” on hardware.
        let kind = result.text.trimmed
        guard !kind.isEmpty else {
            throw CommandFailure(command: Invocation("systemd-detect-virt", []), result: result)
        }
        return Virtualization(kind: kind)
    }
}

/// The addresses and interfaces from which a machine reaches the internet (ip-route(8)).
private struct DefaultRoutes: MachineFact {
    struct Route {
        var address: String
        var interface: String
    }

    var ipv4: Route?
    var ipv6: Route?

    static func read(from machine: Machine) async throws -> DefaultRoutes {
        // Addresses for documentation: the kernel looks up the route, and nothing is sent.
        DefaultRoutes(
            ipv4: try await route(to: "192.0.2.1", "-4", machine),
            ipv6: try await route(to: "2001:db8::1", "-6", machine)
        )
    }

    private static func route(to address: String, _ family: String, _ machine: Machine) async throws -> Route? {
        let result = try await machine.run(Invocation("ip", [family, "-json", "route", "get", address]))
        guard result.succeeded, let json = try? JSON(parsing: result.output), let route = json.array?.first,
            let source = route["prefsrc"]?.string, let interface = route["dev"]?.string, interface != "lo"
        else { return nil }
        return Route(address: source, interface: interface)
    }
}
