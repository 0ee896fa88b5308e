import Propel

/// The answer of `propel show`: the properties of a host as a tree, its secrets, its ports, and its files of the
/// repository.
struct ShowReport: Report {
    struct Node {
        var name: String
        /// The place in the configuration; nil inside the catalogue, where nobody has to look.
        var place: String?
        var actions: [String]
        /// The actions that are performed before what is declared next.
        var immediateActions: [String] = []
        var requirements: [Node]
        var members: [Node]
    }

    struct Secret {
        var name: String
        /// `all`, `role web` or `host web1`; nil if the secret is not in the store.
        var context: String?
        /// The value that the next run generates, if the secret is not in the store.
        var generated: String?
    }

    struct Port {
        var port: String
        var path: String
    }

    /// A file of the repository, or a directory with all files below it.
    struct File {
        var path: String
        var count: Int
        /// In bytes.
        var size: Int
        var isDirectory: Bool
    }

    var host: String
    var role: String
    var tag: String?
    var platform: String
    var properties: [Node]
    var secrets: [Secret]
    var ports: [Port]
    var files: [File] = []
    /// The hosts of hosts.conf whose entries its role reads.
    var fleetHosts: [String] = []

    var text: TextOutput {
        let tag = tag.map { ", tag \($0)" } ?? ""
        let title =
            StyledLine(host.oneLine, .bold) + StyledLine("  role \(role)\(tag), runs \(platform)".oneLine)
        let secrets = secrets.map { secret in
            let state = secret.context.map { "for \($0)" } ?? secret.generated.map { "the next run generates \($0)" }
            return "\(secret.name) (\(state ?? "missing"))"
        }
        let ports = ports.map { "\($0.port) (\($0.path))" }
        let files = files.map { file in
            file.isDirectory
                ? "\(file.path)/ (\(file.count) files, \(file.size.inBytes))" : "\(file.path) (\(file.size.inBytes))"
        }
        var lines = [title]
        lines += properties.flatMap { self.lines(of: $0, indentation: 2) }
        lines += [list("secrets", secrets), list("ports", ports)]
        if !files.isEmpty { lines.append(list("files", files)) }
        if !fleetHosts.isEmpty { lines.append(list("reads the entries of", fleetHosts)) }
        return TextOutput(lines: lines)
    }

    private func lines(of node: Node, indentation: Int) -> [StyledLine] {
        let indent = String(repeating: " ", count: indentation), inner = indent + "  "
        var title = StyledLine(indent + node.name.oneLine, indentation: indentation + 4)
        if let place = node.place { title += StyledLine("  \(place)", .faint) }
        var lines = [title]
        lines += node.actions.map {
            StyledLine("\(inner)on change: \($0.oneLine)", .cyan, indentation: indentation + 6)
        }
        lines += node.immediateActions.map {
            StyledLine("\(inner)on change, now: \($0.oneLine)", .cyan, indentation: indentation + 6)
        }
        if !node.requirements.isEmpty {
            lines.append(StyledLine("\(inner)requires", .cyan))
            lines += node.requirements.flatMap { self.lines(of: $0, indentation: indentation + 4) }
        }
        return lines + node.members.flatMap { self.lines(of: $0, indentation: indentation + 2) }
    }

    private func list(_ title: String, _ items: [String]) -> StyledLine {
        StyledLine("\(title): " + (items.isEmpty ? "none" : items.joined(separator: ", ").oneLine), indentation: 2)
    }

    var json: [JSON] {
        [
            .line(
                "properties",
                [
                    "host": .string(host), "role": .string(role), "tag": tag.map(JSON.string) ?? .null,
                    "platform": .string(platform), "properties": .array(properties.map(\.json)),
                    "secrets": .array(
                        secrets.map { ["name": .string($0.name), "for": $0.context.map(JSON.string) ?? .null] }),
                    "ports": .array(ports.map { ["port": .string($0.port), "path": .string($0.path)] }),
                    "files": .array(
                        files.map {
                            [
                                "path": .string($0.path), "count": .integer($0.count), "size": .integer($0.size),
                                "directory": .bool($0.isDirectory),
                            ]
                        }),
                    "reads": .array(fleetHosts.map(JSON.string)),
                ])
        ]
    }
}

extension ShowReport.Node {
    fileprivate var json: JSON {
        .object(
            [
                "name": .string(name), "place": place.map(JSON.string),
                "actions": actions.isEmpty ? nil : .array(actions.map(JSON.string)),
                "immediate-actions": immediateActions.isEmpty ? nil : .array(immediateActions.map(JSON.string)),
                "requires": requirements.isEmpty ? nil : .array(requirements.map(\.json)),
                "members": members.isEmpty ? nil : .array(members.map(\.json)),
            ].compactMapValues(\.self))
    }

    init(_ declaration: Declaration) {
        name = declaration.name
        place = declaration.place.isInCatalogue ? nil : "\(declaration.place)"
        actions = declaration.actions.map(\.name)
        immediateActions = declaration.immediateActions.map(\.name)
        requirements = declaration.requirements.map(Self.init)
        members = if case .group(let members) = declaration.content { members.map(Self.init) } else { [] }
    }
}
