import Propel

/// The words for what happened to a property or an action: `created`, `would change`, `later`.
struct PropertyWords: Equatable {
    var verb: String
    var style: Style
    /// The property, with its groups where the verb has not used them up.
    var subject: String
    /// The reason, unless the verb says it.
    var reason: String

    /// The columns that the longest verb takes.
    static let verbWidth = "would install".count

    init(_ report: PropertyReport) {
        subject = report.path
        reason = report.detail
        switch report.status {
        case .ok: (verb, style) = ("ok", .faint)
        case .failed: (verb, style, reason) = ("FAILED", .red, "")
        case .skipped: (verb, style) = ("skipped", .yellow)
        case .unknown: (verb, style, reason) = ("later", .cyan, Self.decision(report.detail))
        case .changed:
            (verb, style) = ("changed", .green)
            verb = takeVerb(from: report).past
        case .wouldChange:
            (verb, style) = ("would change", .yellow)
            verb = "would \(takeVerb(from: report).verb)"
        }
    }

    /// The verb for a change. Takes the words that it stands for out of subject and reason.
    private mutating func takeVerb(from report: PropertyReport) -> (verb: String, past: String) {
        if report.isCreation {
            reason = reason.withoutCreation
            return ("create", "created")
        }
        if report.isAction { return ("run", "ran") }
        if let (groups, packages) = report.installedPackages {
            subject = packages
            reason = groups.isEmpty ? "" : "for \(groups)"
            return ("install", "installed")
        }
        return ("change", "changed")
    }

    /// The detail of an unknown property, “cannot tell until there is a unit x”, as “decided when unit x is there”.
    private static func decision(_ detail: String) -> String {
        for start in ["cannot tell until ", "cannot tell before "] where detail.hasPrefix(start) {
            let condition = detail.dropFirst(start.count)
            for article in ["there is a ", "there is an ", "there is the ", "there is "]
            where condition.hasPrefix(article) {
                return "decided when \(condition.dropFirst(article.count)) is there"
            }
            return "decided when \(condition)"
        }
        return detail
    }
}

extension PropertyReport {
    /// Whether it creates what was absent: “create”, “create with mode 0644, owner root:root”.
    var isCreation: Bool {
        detail.hasPrefix("create") && [nil, " ", ",", ";"].contains(detail.dropFirst("create".count).first)
    }

    /// Whether it is about an action: only properties are declared at a place.
    var isAction: Bool { place == nil }

    /// The groups around `apt: …` and the packages that it installs; nil for anything else.
    fileprivate var installedPackages: (groups: String, packages: String)? {
        guard detail.hasPrefix("install "), !detail.contains(";") else { return nil }
        let packages = String(detail.dropFirst("install ".count))
        if path.hasPrefix("apt: ") { return ("", packages) }
        guard let apt = path.firstRange(of: "/apt: ") else { return nil }
        return (String(path[..<apt.lowerBound]), packages)
    }

    /// The diff as it is shown: the size alone for a new file, unless all of it is asked for and it holds no key.
    var shownDiff: ShownDiff {
        guard let diff, !diff.isEmpty else { return .none }
        var lines = diff.printableLines
        guard isCreation else { return .lines(lines) }
        if lines.count == 1, let size = lines[0].firstRange(of: "0 bytes → ") {
            return .size("\(lines[0][size.upperBound...]), not shown")
        }
        if lines.first?.hasPrefix("@@ ") == true { lines.removeFirst() }
        let count = lines.reduce(0) { $0 + $1.addedLines }
        let size = "+\(count) \(count == 1 ? "line" : "lines")"
        return lines.contains(where: \.isKey) ? .size(size) : .newFile(lines, size: size)
    }
}

/// The part of a diff that a report shows.
enum ShownDiff: Equatable {
    case none
    /// Private content, or a key.
    case size(String)
    /// A new file: its size, or its lines in a verbose report.
    case newFile([String], size: String)
    case lines([String])
}

extension String {
    /// The reason of a creation without the verb, which stands before it: “mode 0644, owner root:root”.
    fileprivate var withoutCreation: String {
        var rest = dropFirst("create".count).drop { ",; ".contains($0) }
        for word in ["it ", "with "] where rest.hasPrefix(word) { rest.removeFirst(word.count) }
        return rest == "it" ? "" : String(rest)
    }

    /// The number of lines of a new file that this line of its diff stands for.
    fileprivate var addedLines: Int {
        if hasPrefix(#"+\ no newline"#) { return 0 }
        if hasPrefix("+") { return 1 }
        // “… and 13 more lines”
        return hasPrefix("… and ") ? split(separator: " ").lazy.compactMap { Int($0) }.first ?? 0 : 0
    }

    /// Whether the line of a diff adds a private or public key.
    fileprivate var isKey: Bool {
        let kinds = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"]
        return contains("-----BEGIN ")
            || split(separator: " ").contains { word in kinds.contains { word.drop { $0 == "+" }.hasPrefix($0) } }
    }
}
