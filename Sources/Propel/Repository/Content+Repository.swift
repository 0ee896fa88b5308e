extension Content {
    /// The bytes of a file of the repository.
    ///
    ///     File("/etc/app.conf", Content(from: "files/app.conf"))
    ///
    /// - Parameter path: relative to the folder of `hosts.conf`; see ``RepositoryFile``.
    public init(from path: String) { self.init(RepositoryFile(path)) }

    /// The bytes of a file of the repository.
    public init(_ file: RepositoryFile) { self.init(pieces: [.file(file)]) }

    /// A template of the repository with its values.
    public init(_ template: Template) { self.init(pieces: [.template(template)]) }

    /// The file of the repository that is the whole content; nil if it is anything else.
    public var repositoryFile: RepositoryFile? {
        if pieces.count == 1, case .file(let file) = pieces[0] { file } else { nil }
    }

    /// The files and templates of the repository in the order in which they occur.
    public var sources: [RepositorySource] {
        pieces.flatMap { piece -> [RepositorySource] in
            switch piece {
            case .file(let file): [.file(file)]
            case .template(let template): [.template(template)] + template.contents.flatMap(\.sources)
            case .bytes, .secret, .fact: []
            }
        }
    }

    /// Whether there are only bytes and secrets in it.
    public var isResolved: Bool {
        pieces.allSatisfy { piece in
            switch piece {
            case .bytes, .secret: true
            case .fact, .file, .template: false
            }
        }
    }

    /// The same content with the values that facts have on a machine, and with the bytes of the repository's files.
    /// - Throws: ``Failure`` if a file does not arrive, and what ``Machine/value(of:)`` does.
    public func resolved(on machine: Machine) async throws -> Content {
        guard !isResolved else { return self }
        var interpolation = StringInterpolation(literalCapacity: 0, interpolationCount: 0)
        for piece in pieces {
            switch piece {
            case .bytes(let bytes): interpolation.appendInterpolation(Content(bytes))
            case .secret(let secret): interpolation.appendInterpolation(secret)
            case .fact(let fact): interpolation.appendLiteral(try await machine.value(of: fact))
            case .file(let file): interpolation.appendInterpolation(Content(try await machine.bytes(of: file)))
            case .template(let template):
                let text = TemplateText(try await machine.bytes(of: template.file))
                interpolation.appendInterpolation(try await text.filled(with: template.values).resolved(on: machine))
            }
        }
        return Content(stringInterpolation: interpolation)
    }
}
