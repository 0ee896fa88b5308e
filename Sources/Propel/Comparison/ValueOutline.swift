/// Describes values by their structure, the same way in every process: the arguments of properties and actions.
///
/// Not everything can be compared. Of a function and of an object only the type is known; an address would be another
/// one in each process.
struct ValueOutline {
    private(set) var parts: [StepOutline.Part] = []
    /// The sources in the repository that were met.
    private(set) var sources: [RepositorySource] = []

    /// A value that is nested deeper than this is described by its type: it may contain itself.
    private static let depthLimit = 24

    init() {}

    /// The type of a value and its stored properties.
    init(describing value: Any) {
        add(type: value, at: "type")
        add(argumentsOf: value, at: "")
    }

    /// Adds the type of a value.
    mutating func add(type value: Any, at label: String) { append(label, Self.name(of: value)) }

    /// Adds the stored properties of a value.
    mutating func add(argumentsOf value: Any, at prefix: String) {
        let mirror = Mirror(reflecting: value)
        guard mirror.displayStyle == .struct else { return add(value, at: prefix + "value") }
        for child in mirror.children { add(child.value, at: prefix + (child.label ?? "value")) }
    }

    /// Adds the name of an action, its type and its stored properties.
    mutating func add(action: any Action, at label: String) {
        append(label, text: action.name)
        add(type: action, at: label + ", type")
        add(argumentsOf: action, at: label + ", ")
    }

    /// Adds a value.
    mutating func add(_ value: Any, at label: String) { add(value, at: label, depth: 0) }

    private mutating func add(_ value: Any, at label: String, depth: Int) {
        if addLeaf(value, at: label) { return }
        guard depth < Self.depthLimit else { return addOpaque(value, at: label) }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .class: append(label, Self.name(of: value))
        case .optional:
            guard let wrapped = mirror.children.first else { return append(label, "nil") }
            add(wrapped.value, at: label, depth: depth)
        case .set, .dictionary:
            // Their order means nothing.
            let lines = mirror.children.map { line($0.value, depth: depth) }
            append(label, parts: lines.sorted())
        case .collection: addElements(of: mirror, at: label, depth)
        case .enum where mirror.children.isEmpty: append(label, text: String(describing: value))
        case .struct where !mirror.children.isEmpty, .enum, .tuple:
            for child in mirror.children {
                add(child.value, at: child.label.map { "\(label).\($0)" } ?? label, depth: depth + 1)
            }
        default:
            addOpaque(value, at: label)
        }
    }

    /// Adds a value that shows no stored properties: a number, or one of which only the type is known.
    ///
    /// The protocols come last: the first cast of each type to a protocol that it does not conform to looks through all
    /// conformances of the program.
    private mutating func addOpaque(_ value: Any, at label: String) {
        switch value {
        case let number as any BinaryInteger: append(label, "\(number)")
        case let number as any BinaryFloatingPoint: append(label, "\(number)")
        default: append(label, Self.name(of: value))
        }
    }

    private mutating func addElements(of mirror: Mirror, at label: String, _ depth: Int) {
        append("\(label), count", String(mirror.children.count))
        for (index, child) in mirror.children.enumerated() {
            add(child.value, at: "\(label)[\(index)]", depth: depth + 1)
        }
    }

    /// Adds a value that is described as a whole.
    /// - Returns: whether it is one.
    private mutating func addLeaf(_ value: Any, at label: String) -> Bool {
        // A value of another type would be cast to each of them.
        guard Self.leaves.contains(ObjectIdentifier(type(of: value))) || value is any Any.Type else { return false }
        switch value {
        case let text as String: append(label, text: text)
        case let bytes as [UInt8]: append(label, bytes: bytes)
        case let content as Content: append(content, at: label)
        case let file as RepositoryFile: append(.file(file), file.path, at: label)
        case let directory as RepositoryDirectory: append(.directory(directory), directory.path, at: label)
        case let template as Template: append(Content(template), at: label)
        case let path as FilePath: append(label, text: path.string)
        case let secret as Secret: append(label, text: "the secret \(secret.name)")
        case let number as Int: append(label, "\(number)")
        case let number as Int128: append(label, "\(number)")
        case let number as UInt128: append(label, "\(number)")
        case let truth as Bool: append(label, "\(truth)")
        case let text as Substring: append(label, text: String(text))
        case let character as Character: append(label, text: String(character))
        case let text as StaticString: append(label, text: text.description)
        case let type as Any.Type: append(label, Self.name(ofType: type))
        default: return false
        }
        return true
    }

    /// The types that ``addLeaf(_:at:)`` knows, and their optionals.
    private static let leaves: [ObjectIdentifier] =
        leaf(String.self) + leaf([UInt8].self) + leaf(Content.self) + leaf(RepositoryFile.self)
        + leaf(RepositoryDirectory.self) + leaf(Template.self) + leaf(FilePath.self) + leaf(Secret.self)
        + leaf(Int.self) + leaf(Int128.self) + leaf(UInt128.self) + leaf(Bool.self) + leaf(Substring.self)
        + leaf(Character.self) + leaf(StaticString.self)

    private static func leaf<Value>(_ type: Value.Type) -> [ObjectIdentifier] {
        [ObjectIdentifier(type), ObjectIdentifier(Value?.self)]
    }

    /// The sources in the repository that the described values name, and further ones, each once.
    func sources(with further: [RepositorySource]) -> [RepositorySource] {
        var seen: Set<RepositorySource> = []
        return (sources + further).filter { seen.insert($0).inserted }
    }

    // MARK: - Words

    private mutating func append(_ label: String, _ words: String) { parts.append(.init(label: label, value: words)) }

    private mutating func append(_ label: String, text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count > Self.shownLimit else { return append(label, "“\(text.escaped)”") }
        let beginning = String(text.unicodeScalars.prefix(Self.shownLimit)).escaped
        parts.append(
            .init(label: label, value: "“\(beginning)…” of \(bytes.count) bytes", hash: StepOutline.hash(bytes)))
    }

    /// The number of bytes up to which a string is shown as a whole.
    private static let shownLimit = 60

    private mutating func append(_ label: String, bytes: [UInt8]) {
        parts.append(.init(label: label, value: "\(bytes.count) bytes", hash: StepOutline.hash(bytes)))
    }

    /// Others may not read every file: of a content only the size is shown, and of one with secrets only their names.
    private mutating func append(_ content: Content, at label: String) {
        sources += content.sources
        let secrets = content.secrets.map(\.name)
        let words =
            secrets.isEmpty
            ? "\(content.plainSize) bytes" : "content with the secrets \(secrets.joined(separator: ", "))"
        parts.append(.init(label: label, value: words, hash: content.fingerprint))
    }

    private mutating func append(_ source: RepositorySource, _ path: String, at label: String) {
        sources.append(source)
        append(label, text: path)
    }

    private mutating func append(_ label: String, parts elements: [String]) {
        append("\(label), count", String(elements.count))
        for element in elements { append(label, text: element) }
    }

    /// A value on one line.
    private mutating func line(_ value: Any, depth: Int) -> String {
        var outline = ValueOutline()
        outline.add(value, at: "", depth: depth + 1)
        sources += outline.sources
        return outline.parts.map { "\($0.label) \($0.value)\($0.hash)" }.joined(separator: ", ")
    }

    /// The name of a type without its module: the qualified name of a private type contains an address.
    private static func name(of value: Any) -> String { name(ofType: type(of: value)) }

    /// The same name as `String(describing:)`, which looks for three protocols among all conformances of the program
    /// before it returns it.
    private static func name(ofType type: Any.Type) -> String { _typeName(type, qualified: false) }
}
