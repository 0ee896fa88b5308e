import Synchronization

/// The first step that is not the same on the laptop and on the machine, as the machine sees it.
public struct RoleDifference: Sendable, Equatable {
    /// The index of the step in the order of application.
    public var index: Int
    /// The step on the machine; nil if the role describes fewer there.
    public var outline: StepOutline?

    /// The maximum number of parts of a step that are sent to the laptop.
    static let partLimit = 500
    /// Larger than that of any role.
    static let maximumIndex = 1_000_000
}

extension Host {
    /// The hashes of the steps in the order of application; see ``Request/stepHashes``.
    public var stepHashes: [String] {
        knownHashes.hashes { steps.map { StepOutline(of: $0, repository).hash } }
    }

    /// The first step with another hash than that in `hashes`; nil if all are the same.
    func firstDifference(from hashes: [String]) -> RoleDifference? {
        let own = stepHashes
        guard own != hashes else { return nil }
        let common = min(own.count, hashes.count)
        let index = (0..<common).first { own[$0] != hashes[$0] } ?? common
        return RoleDifference(index: index, outline: outline(at: index))
    }

    /// The outline of a step; nil if there are fewer steps.
    fileprivate func outline(at index: Int) -> StepOutline? {
        steps.indices.contains(index) ? StepOutline(of: steps[index], repository) : nil
    }
}

/// The hashes of the steps of a host, computed at the first use: the outlines behind them look at every stored property
/// of every step.
final class KnownHashes: Sendable {
    private let known = Mutex<[String]?>(nil)

    func hashes(_ compute: () -> [String]) -> [String] {
        known.withLock { known in
            let hashes = known ?? compute()
            known = hashes
            return hashes
        }
    }
}

extension Failure {
    /// The failure of a role that describes something else on this machine than on the laptop.
    init(role: String, _ difference: RoleDifference) {
        let place = difference.outline.map { "first at “\($0.path.escaped)”" } ?? "which has more properties"
        self.init(
            "the role \(role) describes something else on this machine than on the computer of the deployer, \(place)",
            advice: Self.roleAdvice)
        self.difference = difference
    }

    private static let roleAdvice =
        "Nothing was changed. A role must depend on nothing but its source and hosts.conf: on no "
        + "environment variable, clock, file or random number."

    /// The failure with what each side sees, if it is about a difference between them.
    /// - Parameter host: the host as this side describes it.
    public func explained(by host: Host) -> Failure {
        guard let difference else { return self }
        var explained = self
        explained.difference = nil
        explained.message = Self.message(
            "the role describes something else on the machine than on this computer",
            Self.comparison(
                of: host.outline(at: difference.index), "on this computer", difference.outline, "on the machine",
                index: difference.index))
        return explained
    }

    /// The failure of a role that describes something else each time, even on one computer; nil if it does not.
    /// - Parameters:
    ///   - first: the host as the role has described it.
    ///   - second: the host as the role describes it now.
    public static func ofUnstableRole(_ first: Host, _ second: Host) -> Failure? {
        guard let difference = second.firstDifference(from: first.stepHashes) else { return nil }
        return Failure(
            message(
                "the role describes something else each time that it is evaluated",
                comparison(
                    of: first.outline(at: difference.index), "at first", difference.outline, "then",
                    index: difference.index)),
            advice: roleAdvice)
    }

    /// The lines that tell how two outlines of a step differ.
    /// - Parameters:
    ///   - own: the step on one side; nil if it is missing there.
    ///   - here: the words for that side.
    ///   - other: the step on the other side; nil if it is missing there.
    ///   - there: the words for that side.
    ///   - index: the index of the step.
    private static func comparison(
        of own: StepOutline?, _ here: String, _ other: StepOutline?, _ there: String, index: Int
    ) -> [String] {
        guard let own, let other, own.path == other.path else {
            return [(here, own), (there, other)].map { side, outline in
                "\(side), property \(index + 1) is \(outline.map { "“\($0.path.escaped)”" } ?? "missing")"
            }
        }
        let title = "“\(own.path.escaped)”"
        guard let (first, second) = own.firstDifference(from: other) else { return ["\(title) differs"] }
        guard let first, let second, first.label == second.label else {
            return [
                "\(title) has on the one side “\(first?.label.escaped ?? "nothing")”, on the other "
                    + "“\(second?.label.escaped ?? "nothing")”"
            ]
        }
        guard first.value != second.value else {
            return ["\(title): \(first.label.escaped) has another content: \(first.value), not the same bytes"]
        }
        return [
            "\(title), \(first.label.escaped)", "\(here): \(first.value)", "\(there): \(second.value.escaped)",
        ]
    }

    /// A message on several lines, each of a limited length: the other side may be a machine that somebody else
    /// controls.
    private static func message(_ title: String, _ lines: [String]) -> String {
        let limit = 400
        let shortened = lines.map { line in
            line.unicodeScalars.count <= limit ? line : String(line.unicodeScalars.prefix(limit)) + "…"
        }
        return ([title] + shortened).joined(separator: "\n")
    }
}

extension Event {
    /// The event, with what each side sees if a run was refused since they differ.
    /// - Parameter host: the host as this side describes it.
    public func explained(by host: Host) -> Event {
        if case .refused(let failure) = self { .refused(failure.explained(by: host)) } else { self }
    }
}

extension RoleDifference {
    var json: JSON {
        .object(present: [
            "index": .integer(index), "path": outline.map { .string($0.path) },
            "parts": outline.map { outline in
                .array(
                    outline.parts.prefix(Self.partLimit).map {
                        ["label": .string($0.label), "value": .string($0.value), "hash": .string($0.hash)]
                    })
            },
        ])
    }

    init(_ json: JSON) throws {
        index = try json.number("index")
        guard 0...Self.maximumIndex ~= index else { throw MalformedMessage(message: json.description) }
        outline = nil
        guard let path = try json.optionalText("path") else { return }
        let parts = try (json["parts"]?.array ?? []).map { part in
            StepOutline.Part(
                label: try part.text("label"), value: try part.text("value"), hash: try part.text("hash"))
        }
        outline = StepOutline(path: path, parts: parts)
    }
}
