/// A label of a container with secrets in it, which another program reads.
///
///     Label("traefik.http.middlewares.auth.basicauth.users", "anna:\(Secret("wiki-htpasswd"))")
///
/// It is not in the compose file, but in another beside it that only root can read. Everybody who may ask docker sees
/// it, as the variables of a container (docker-inspect(1)). ``Labels`` are those without secrets.
public struct Label: ContainerPart, Hashable {
    public let name: String
    public let value: Content

    /// - Parameters:
    ///   - name: the name of the label.
    ///   - value: a string, with secrets in it. `$` has no meaning in it.
    public init(_ name: String, _ value: Content) {
        self.name = name
        self.value = value
    }

    public func add(to container: inout Container) {
        if let bytes = value.bytes {
            return Labels([name: String(decoding: bytes, as: UTF8.self)]).add(to: &container)
        }
        container.addProblem(Self.problem(of: name), of: "Label")
        container.addProblem([value].problem, of: "Label")
        let others = container.value(of: "labels")?.entries.map(\.key) ?? []
        if (others + container.secretLabels.map(\.name)).contains(name) {
            container.addProblem("“\(name.escaped)” is there twice: keep one", of: "Label")
        }
        container.secretLabels.append(self)
    }

    /// The problem of the name of a label; nil without one.
    static func problem(of name: String) -> String? {
        if name.isEmpty || name.utf8.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: "=") || $0 == 0x7F }) {
            return "invalid name “\(name.escaped)”: use no blank and no “=”; the value comes after a colon"
        }
        if name.hasPrefix("com.docker.compose.") || name.hasPrefix("propel.") {
            return "“\(name.escaped)” belongs to compose or to Propel"
        }
        return nil
    }
}
