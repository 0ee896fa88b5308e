/// The versions of the announced packages that apt knows, as `apt-cache policy` prints them. One question answers for
/// all packages of a run.
struct AptPolicy: MachineFact, Equatable {
    struct Package: Sendable, Equatable {
        /// The installed version; nil if the package is not installed.
        var installed: String?
        /// The version that apt would install; nil if it has none, as for a virtual package.
        var candidate: String?
        /// The latest first.
        var versions: [Version] = []
    }

    struct Version: Sendable, Equatable {
        var number: String
        /// The suites that have it: `bookworm-backports`. Not of an installed version that no repository has.
        var suites: [String] = []
    }

    private(set) var packages: [String: Package] = [:]

    static func read(from machine: Machine) async throws -> AptPolicy {
        let names = machine.expected(of: AptPolicy.self)
        return try await read(names, from: machine)
    }

    /// Asks apt for packages, whatever has been read before.
    static func read(_ names: [String], from machine: Machine) async throws -> AptPolicy {
        guard !names.isEmpty else { return AptPolicy("") }
        return AptPolicy(try await machine.succeed(DpkgCommand.policy(names)).text)
    }

    /// - Parameter text: the output of `apt-cache policy`.
    init(_ text: String) {
        var name = ""
        for line in text.lines {
            let words = line.split(separator: " ")
            if !line.hasPrefix(" "), line.hasSuffix(":") {
                name = String(line.dropLast())
                packages[name] = Package()
            } else if line.hasPrefix("  Installed: ") {
                packages[name]?.installed = Self.version(words)
            } else if line.hasPrefix("  Candidate: ") {
                packages[name]?.candidate = Self.version(words)
            } else if line.hasPrefix(" *** "), words.count > 1 {
                packages[name]?.versions.append(Version(number: String(words[1])))
            } else if line.hasPrefix("     "), line.dropFirst(5).first != " ", let number = words.first {
                packages[name]?.versions.append(Version(number: String(number)))
            } else if line.hasPrefix("      "), words.count > 3, let last = packages[name]?.versions.indices.last {
                // “500 http://deb.debian.org/debian bookworm-backports/main amd64 Packages”
                packages[name]?.versions[last].suites.append(String(words[2].prefix { $0 != "/" }))
            }
        }
    }

    private static func version(_ words: [Substring]) -> String? {
        words.count > 1 && words[1] != "(none)" ? String(words[1]) : nil
    }
}

extension Machine {
    /// The versions of a package that apt knows; nil if it does not know the name.
    func aptPackage(_ name: String) async throws -> AptPolicy.Package? {
        if expected(of: AptPolicy.self).contains(name) { return try await fact(AptPolicy.self).packages[name] }
        return try await AptPolicy.read([name], from: self).packages[name]
    }
}
