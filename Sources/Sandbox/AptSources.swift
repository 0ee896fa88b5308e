import Foundation
import PlainText
import Vocabulary

/// The Debian mirrors in the apt sources of this computer, which sandboxes are installed from.
///
/// Both styles of sources.list(5) are read. Entries that are disabled, that are for source packages, or that are local
/// (`file:`, `cdrom:`) are ignored.
struct AptSources: Equatable {
    struct Entry: Equatable {
        var uri: String
        var suites: [String]
        var components: [String]
    }

    let mirror: Entry
    /// The mirror of the security updates, if there is one.
    let security: Entry?

    /// Reads /etc/apt/sources.list and /etc/apt/sources.list.d.
    static func ofThisMachine() throws -> AptSources {
        let directory = "/etc/apt/sources.list.d"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
        var entries = oneLine(readFile("/etc/apt/sources.list") ?? "")
        for name in names {
            let text = readFile("\(directory)/\(name)") ?? ""
            if name.hasSuffix(".list") { entries += oneLine(text) }
            if name.hasSuffix(".sources") { entries += deb822(text) }
        }
        return try AptSources(entries)
    }

    /// - Throws: ``SandboxError/noMirror`` if no entry is for a Debian release.
    init(_ entries: [Entry]) throws {
        let releases: Set = ["oldstable", "stable", "testing", "bullseye", "bookworm", "trixie", "forky"]
        let usable = entries.filter { $0.uri.hasPrefix("http://") || $0.uri.hasPrefix("https://") }
        let candidates = usable.filter {
            $0.components.contains("main") && $0.suites.contains(where: releases.contains)
        }
        // The archive of a third party may have suites with the same names, so the usual path is preferred.
        let usual = candidates.first { URL(string: $0.uri)?.path.split(separator: "/").contains("debian") == true }
        guard let mirror = usual ?? candidates.first else { throw SandboxError.noMirror }
        self.mirror = mirror
        // Before Debian 11, the suite was RELEASE/updates.
        security = usable.first { entry in
            entry.components.contains("main")
                && entry.suites.contains { $0.hasSuffix("-security") && releases.contains(String($0.dropLast(9))) }
        }
    }

    /// The lines of a sources.list for `suite`.
    func lines(for suite: DebianRelease) -> [String] {
        let components = mirror.components.joined(separator: " ")
        var lines = [
            "deb \(mirror.uri) \(suite.rawValue) \(components)",
            "deb \(mirror.uri) \(suite.rawValue)-updates \(components)",
        ]
        if let security {
            lines.append(
                "deb \(security.uri) \(suite.rawValue)-security \(security.components.joined(separator: " "))")
        }
        return lines
    }

    static func oneLine(_ text: String) -> [Entry] {
        text.nonEmptyLines.compactMap { line in
            let content = line.before("#")
            var words = content.split(whereSeparator: \.isWhitespace).map(String.init)
            guard words.first == "deb" else { return nil }
            words.removeFirst()
            if words.first?.hasPrefix("[") == true {
                guard let end = words.firstIndex(where: { $0.hasSuffix("]") }) else { return nil }
                words.removeFirst(end + 1)
            }
            guard words.count >= 3 else { return nil }
            return Entry(uri: words[0], suites: [words[1]], components: Array(words[2...]))
        }
    }

    static func deb822(_ text: String) -> [Entry] {
        var stanzas: [[String: [String]]] = [[:]]
        var field: String?
        for line in text.lines {
            if line.begins(with: "#") { continue }
            if line.allSatisfy(\.isWhitespace) {
                stanzas.append([:])
                field = nil
            } else if line.first?.isWhitespace == true, let field {
                stanzas[stanzas.count - 1][field, default: []] += line.split(whereSeparator: \.isWhitespace).map(
                    String.init)
            } else if let (before, after) = line.parts(around: ":") {
                let name = before.lowercased()
                field = name
                stanzas[stanzas.count - 1][name] =
                    after.split(whereSeparator: \.isWhitespace).map(String.init)
            }
        }
        return stanzas.flatMap { stanza -> [Entry] in
            guard stanza["types"]?.contains("deb") == true,
                !["no", "false", "0", "off", "disable", "without"].contains(stanza["enabled"]?.first?.lowercased())
            else { return [] }
            return (stanza["uris"] ?? []).map {
                Entry(uri: $0, suites: stanza["suites"] ?? [], components: stanza["components"] ?? [])
            }
        }
    }

    /// The options of apt on this computer that its mirror may need: proxies, and how dates are checked.
    static func options() async throws -> String {
        let dump = try await LocalCommand("apt-config", "dump").output()
        return dump.nonEmptyLines.filter { line in
            let name = line.prefix { $0 != " " }.lowercased()
            if name.hasPrefix("acquire::check-") { return true }
            // A proxy on the loopback interface cannot be reached from a sandbox.
            return (name == "acquire::http::proxy" || name == "acquire::https::proxy")
                && !["127.0.0.1", "localhost", "[::1]"].contains { line.contains($0) }
        }.map { "\($0)\n" }.joined()
    }
}
