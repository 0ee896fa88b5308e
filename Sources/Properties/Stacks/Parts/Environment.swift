/// A variable of a container's environment.
///
///     Environment("LOG_LEVEL", "info")
///     Environment("DATABASE_URL", "postgres://shop:\(Secret("db-password"))@db/shop")
///
/// One with secrets is not in the compose file, but in another beside it that only root can read. Everybody who may use
/// docker still sees it (docker-inspect(1)): prefer a ``ConfigurationFile`` if the program can read one.
public struct Environment: ContainerPart, Hashable {
    public let name: String
    public let value: Content

    /// - Parameters:
    ///   - name: letters, digits, `_`, `.` and `-`, without a digit at the beginning.
    ///   - value: a string, with secrets in it.
    public init(_ name: String, _ value: Content) {
        self.name = name
        self.value = value
    }

    /// A variable whose value is not a literal.
    ///
    /// The label keeps a literal with a secret from being taken for a `String`, which would lose the secret.
    public init(_ name: String, text: String) { self.init(name, Content(text)) }

    public func add(to container: inout Container) { container.environment.append(self) }
}

extension Environment {
    /// Whether it can be the name of a variable. Java and .NET read names with dots and dashes; no shell does.
    static func isName(_ name: String) -> Bool {
        name.utf8.first.map { $0.isASCIILetter || $0 == UInt8(ascii: "_") } == true
            && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_.-".utf8.contains($0) }
    }
}
