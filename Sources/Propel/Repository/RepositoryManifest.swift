/// The content of a file of the repository, known without the bytes.
public struct RepositoryContent: Sendable, Hashable {
    /// In bytes.
    public var size: Int
    /// The SHA-256: 64 lowercase hexadecimal digits.
    public var hash: String
    /// Whether its owner may execute it.
    public var isExecutable: Bool

    public init(size: Int, hash: String, isExecutable: Bool = false) {
        self.size = size
        self.hash = hash
        self.isExecutable = isExecutable
    }

    /// The size and the beginning of the hash: “120 bytes, SHA-256 1f0b2c3d4e5f…”.
    public var words: String { "\(size) bytes, SHA-256 \(hash.prefix(12))…" }
}

/// The files of the repository that a host uses, with their sizes and hashes, as `propel` has read them for a run.
///
/// It is part of the request. With it a check tells without any content whether a file is up to date.
public struct RepositoryManifest: Sendable, Equatable {
    /// The files, by their paths relative to the folder of `hosts.conf`.
    public var files: [String: RepositoryContent]
    /// The destinations of symbolic links, by the paths of the links.
    public var links: [String: String]

    public init(files: [String: RepositoryContent] = [:], links: [String: String] = [:]) {
        self.files = files
        self.links = links
    }

    /// A manifest without files.
    public static let empty = RepositoryManifest()

    /// Whether there is nothing in it.
    public var isEmpty: Bool { files.isEmpty && links.isEmpty }

    /// The content of a file.
    /// - Throws: ``Failure`` if it is not part of the run.
    public func content(of file: RepositoryFile) throws -> RepositoryContent {
        guard let content = files[file.path] else {
            throw Failure(
                "\(file.path.escaped) of the repository is not part of this run",
                advice: "The property that uses it does not name it in its `sources`.")
        }
        return content
    }

    /// The files and links below a directory.
    public func tree(_ directory: RepositoryDirectory) -> RepositoryTree {
        let start = directory.path + "/"
        func below<Value>(_ all: [String: Value]) -> [String: Value] {
            var found: [String: Value] = [:]
            for (path, value) in all where path.hasPrefix(start) { found[String(path.dropFirst(start.count))] = value }
            return found
        }
        return RepositoryTree(files: below(files), links: below(links))
    }
}

/// The files and links below a directory of the repository, by their paths relative to it.
public struct RepositoryTree: Sendable, Equatable {
    public var files: [String: RepositoryContent]
    /// The destinations of symbolic links, by the paths of the links.
    public var links: [String: String]

    /// The directories in it, parents before what is in them.
    public var directories: [String] {
        var found: Set<String> = []
        for path in Array(files.keys) + Array(links.keys) {
            var parts = path.split(separator: "/").dropLast()
            while !parts.isEmpty, found.insert(parts.joined(separator: "/")).inserted { parts = parts.dropLast() }
        }
        return found.sorted()
    }
}

extension RepositoryManifest {
    var json: JSON {
        [
            "files": .object(
                files.mapValues { content in
                    .object(present: [
                        "size": .integer(content.size), "sha256": .string(content.hash),
                        "executable": .flag(content.isExecutable),
                    ])
                }), "links": .object(links.mapValues(JSON.string)),
        ]
    }

    /// - Throws: ``MalformedMessage`` if it is invalid.
    init(_ json: JSON) throws {
        guard let files = json["files"]?.object, let links = json["links"]?.object else {
            throw MalformedMessage(message: json.description)
        }
        self.init(
            files: try files.mapValues { file in
                let content = RepositoryContent(
                    size: try file.number("size"), hash: try file.text("sha256"),
                    isExecutable: file["executable"]?.bool ?? false)
                guard 0...RepositoryFile.sizeLimit ~= content.size, ContentRange.isHash(content.hash) else {
                    throw MalformedMessage(message: file.description)
                }
                return content
            },
            links: try links.mapValues { link in
                guard let destination = link.string else { throw MalformedMessage(message: link.description) }
                return destination
            })
    }
}

// MARK: - Comparison

extension RepositoryManifest {
    /// The files that a step depends on, as parts of its outline.
    func parts(of step: Step) -> [StepOutline.Part] {
        step.sources.map { source in
            switch source {
            case .file(let file): part(file.path)
            case .template(let template): part(template.file.path)
            case .directory(let directory): part(directory)
            }
        }
    }

    private func part(_ path: String) -> StepOutline.Part {
        guard let content = files[path] else { return StepOutline.Part(label: path, value: "missing") }
        return StepOutline.Part(
            label: path, value: content.words + (content.isExecutable ? ", executable" : ""), hash: content.hash)
    }

    private func part(_ directory: RepositoryDirectory) -> StepOutline.Part {
        let tree = tree(directory)
        let lines =
            tree.files.map { "\($0)\0\($1.hash)\($1.isExecutable ? "x" : "")" } + tree.links.map { "\($0)\0→\($1)" }
        return StepOutline.Part(
            label: directory.path, value: "\(lines.count) files",
            hash: SHA256.hash(Array(lines.sorted().joined(separator: "\0\0").utf8)))
    }
}
