/// Keys of the service in the compose file that no other part gives, handed to compose as they are.
///
///     ComposeKeys(["cpuset": "0-2", "oom_score_adj": -500, "device_cgroup_rules": ["c 189:* rmw"]])
///
/// The values are those of <https://github.com/compose-spec/compose-spec/blob/main/05-services.md>, as JSON. `$` has no
/// meaning in them: `$HOME` stays `$HOME`. Compose validates them before anything is changed. Keys that Propel writes
/// itself, such as `ports`, are refused with the part to use instead; those that docker-compose 1.29 of Debian 12 does
/// not know are refused in the plan of a machine that has it.
public struct ComposeKeys: ContainerPart, Hashable {
    public let keys: JSON

    /// - Parameter keys: an object, by the names of the keys.
    public init(_ keys: JSON) { self.keys = keys }

    public func add(to container: inout Container) {
        guard let members = keys.object else {
            return container.partProblems.append(
                "ComposeKeys are not an object: give values by the names of keys, as in [\"cpuset\": \"0-2\"]")
        }
        // Sorted, so that equal descriptions give equal bytes.
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if let instead = Self.refused[name] {
                container.partProblems.append("ComposeKeys has “\(name)”: \(instead)")
            } else if !Self.known.contains(name), !Self.unknownBefore2.contains(name), !name.hasPrefix("x-") {
                container.partProblems.append(
                    "ComposeKeys has “\(name.escaped)”, which is no key of a service: see the compose specification")
            } else if let yaml = YAML(value) {
                container.add(name, yaml, of: "ComposeKeys")
            } else {
                container.partProblems.append("ComposeKeys has null for “\(name)”: leave it out")
            }
        }
    }
}

extension YAML {
    /// The same value; nil if there is a null in it, which compose 1.29 does not take.
    init?(_ json: JSON) {
        switch json {
        case .null: return nil
        case .bool(let value): self = .bool(value)
        case .integer(let number): self = .integer(number)
        case .number(let number): self = .number(number)
        case .string(let text): self = .text(text)
        case .array(let values):
            let all = values.compactMap { YAML($0) }
            guard all.count == values.count else { return nil }
            self = .list(all)
        case .object(let members):
            let all = members.sorted { $0.key < $1.key }.compactMap { key, value in
                YAML(value).map { Entry(key: key, value: $0) }
            }
            guard all.count == members.count else { return nil }
            self = .map(all)
        }
    }
}
