import Foundation
import Git
import Propel
import Properties

/// The files of the repository that a host uses, as they were when the command began.
struct HostFiles: Sendable {
    let manifest: RepositoryManifest
    /// The paths that the properties name, relative to the folder of the configuration.
    let paths: [String]
    private let folder: RepositoryFolder
    /// The path of a file with each hash.
    private let places: [String: String]
    /// The results of stat(2) for all files and links.
    private let states: [String: String]
    /// The files that git ignores.
    private let ignored: Set<String>

    static let none = HostFiles()

    private init() {
        manifest = .empty
        paths = []
        folder = RepositoryFolder(root: "/")
        places = [:]
        states = [:]
        ignored = []
    }

    /// Reads the files that a host uses.
    /// - Parameter ignored: the files that git ignores.
    /// - Throws: ``UsageError`` with everything that is wrong with them.
    init(of target: Target, in checkout: Checkout, ignoring ignored: Set<String>, _ cache: inout HashCache) throws {
        let folder = RepositoryFolder(root: checkout.root.path)
        var manifest = RepositoryManifest(), problems: [String] = [], states: [String: String] = [:]
        func add(_ entry: RepositoryFolder.Entry) throws {
            guard states[entry.path] == nil else { return }
            states[entry.path] = entry.state
            if let destination = entry.destination {
                manifest.links[entry.path] = destination
            } else {
                manifest.files[entry.path] = RepositoryContent(
                    size: entry.size, hash: try cache.hash(of: entry, in: folder), isExecutable: entry.isExecutable)
            }
        }
        for (step, source) in target.host.steps.flatMap({ step in step.sources.map { (step, $0) } }) {
            do {
                let entries = try Self.entries(of: source, in: folder).filter { !ignored.contains($0.path) }
                try Self.refuse(entries, of: source, step.property)
                for entry in entries { try add(entry) }
                if case .template(let template) = source, let size = entries.first?.size {
                    let bytes = try folder.read(source.path, offset: 0, size: min(size, Template.sizeLimit + 1))
                    problems += template.problems(in: bytes).map { "\(step.place): \($0)" }
                }
            } catch {
                problems.append("\(step.place): \((error as? RepositoryFolder.Problem)?.description ?? "\(error)")")
            }
        }
        var seen: Set<String> = []
        problems = problems.filter { seen.insert($0).inserted }
        guard problems.isEmpty else {
            throw UsageError(description: problems.map { "\(target.name): \($0)" }.joined(separator: "\n"))
        }
        self.manifest = manifest
        self.folder = folder
        self.states = states
        self.ignored = ignored
        paths = Set(target.host.steps.flatMap(\.sources).map(\.path)).sorted()
        places = Dictionary(manifest.files.map { ($0.value.hash, $0.key) }) { min($0, $1) }
    }

    static func entries(
        of source: RepositorySource, in folder: RepositoryFolder
    ) throws -> [RepositoryFolder.Entry] {
        switch source {
        case .file, .template: [try folder.file(at: source.path)]
        case .directory(let directory): try folder.entries(below: directory.path)
        }
    }

    private static func refuse(
        _ entries: [RepositoryFolder.Entry], of source: RepositorySource, _ property: any Property
    ) throws {
        switch source {
        case .directory(let directory):
            guard !entries.isEmpty else {
                throw RepositoryFolder.Problem("\(source.path) has no files that git would commit\n  Add one.")
            }
            guard entries.count <= RepositoryDirectory.countLimit else {
                throw RepositoryFolder.Problem(
                    "\(directory.path) has more than \(RepositoryDirectory.countLimit) files\n  Pack them: Unpacked "
                        + "takes an archive.")
            }
        case .file(let file):
            guard let entry = entries.first else { throw RepositoryFolder.Problem(Self.ignored(source.path)) }
            let whole = (property as? File) ?? (property as? any FileBacked).flatMap { try? $0.file }
            guard entry.size <= RepositoryFile.partLimit || whole?.content.repositoryFile == file else {
                throw RepositoryFolder.Problem(
                    "\(source.path) is too large to be a part of a content: \(entry.size.inBytes)\n  "
                        + "File(…, from: \"\(source.path)\") takes it as a whole.")
            }
        case .template:
            guard !entries.isEmpty else { throw RepositoryFolder.Problem(Self.ignored(source.path)) }
        }
    }

    private static func ignored(_ path: String) -> String {
        "git ignores \(path): what is deployed must be committed\n  Take it out of .gitignore, or `git add --force` it."
    }

    /// Reads a part of a file for a machine.
    /// - Throws: ``Failure`` if no property of the host uses it, or if it has changed.
    func read(_ range: ContentRange) throws -> [UInt8] {
        guard let path = places[range.hash] else {
            throw Failure("the machine asks for a file that none of its properties uses")
        }
        let bytes = try? folder.read(path, offset: range.offset, size: range.size)
        guard let bytes, bytes.count == range.size else {
            throw Failure("\(path) of the repository has changed since the run began")
        }
        return bytes
    }

    /// This computer, with the files of the host: for what can be told without the host.
    var machine: Machine {
        let contents = RepositoryContents(manifest) { wanted, receive in
            for range in wanted {
                let bytes = try read(range)
                try receive(Piece(file: range.hash, offset: range.offset, size: bytes.count), bytes)
            }
        }
        return Machine(files: LocalFileSystem(), commands: LocalCommands(), repository: contents)
    }

    /// Whether something was edited, added or removed since.
    var hasChanged: Bool {
        var now: [String: String] = [:]
        for path in paths {
            guard let entries = (try? folder.entries(below: path)) ?? (try? [folder.file(at: path)]) else {
                return true
            }
            for entry in entries where !ignored.contains(entry.path) { now[entry.path] = entry.state }
        }
        return now != states
    }
}

extension Checkout {
    /// The machines with the files of the repository that they use.
    /// - Throws: ``UsageError`` with everything that is wrong with the files.
    func withFiles(_ targets: [Target]) async throws -> [Target] {
        guard targets.contains(where: { $0.host.steps.contains { !$0.sources.isEmpty } }) else { return targets }
        let ignored = try await ignoredFiles(of: targets)
        var cache = HashCache(of: self)
        defer { cache.save() }
        return try targets.map { target in
            var target = target
            target.files = try HostFiles(of: target, in: self, ignoring: ignored, &cache)
            target.host.repository = target.files.manifest
            let conflicts = target.host.conflicts.map { "\(target.name): \($0)" }
            guard conflicts.isEmpty else { throw UsageError(description: conflicts.joined(separator: "\n")) }
            return target
        }
    }

    /// The files among those that the machines use that git ignores; none if the configuration is not in a repository.
    private func ignoredFiles(of targets: [Target]) async throws -> Set<String> {
        let folder = RepositoryFolder(root: root.path)
        let sources = Set(targets.flatMap { $0.host.steps.flatMap(\.sources) })
        // A source with a problem is reported by the host that uses it.
        let entries = sources.flatMap { (try? HostFiles.entries(of: $0, in: folder)) ?? [] }
        do {
            let repository = try await Repository(containing: root.path)
            let prefix = path(of: "", in: repository)
            let names = Dictionary(entries.map { (prefix + $0.path, $0.path) }) { first, _ in first }
            return Set(try await repository.ignored(among: names.keys.sorted()).compactMap { names[$0] })
        } catch GitError.notARepository, GitError.noWorkTree, GitError.notInstalled {
            return []
        }
    }
}
