/// A file of the repository, as a content or as a part of one.
///
///     File("/etc/motd", from: "files/motd")
///     File("/etc/app.conf", "\(RepositoryFile("files/defaults.conf"))port = 80\n")
///
/// Its bytes are not part of the programs: an edit builds nothing. `propel` reads the file when it runs, and the
/// machine asks for it if it needs it. See docs/files.md.
public struct RepositoryFile: Sendable, Hashable {
    /// Relative to the folder of `hosts.conf`: `files/motd`.
    public let path: String

    /// The size limit in bytes of a file that is sent: 1 GiB.
    public static let sizeLimit = FileStatus.copyLimit

    /// The size limit in bytes of a file that is a part of a content, and so is held in memory: 4 MiB.
    public static let partLimit = 4 << 20

    /// - Parameter path: relative to the folder of `hosts.conf`, without `..`. A symbolic link is refused.
    public init(_ path: String) { self.path = path }
}

/// A directory of the repository with all files below it that git does not ignore.
public struct RepositoryDirectory: Sendable, Hashable {
    /// Relative to the folder of `hosts.conf`: `files/app`.
    public let path: String

    /// The limit of files and links in one directory: their names and hashes are part of the request of each run.
    public static let countLimit = 10_000

    /// - Parameter path: relative to the folder of `hosts.conf`, without `..`. A symbolic link is refused.
    public init(_ path: String) { self.path = path }
}

/// Something of the repository that a property uses.
public enum RepositorySource: Sendable, Hashable {
    case file(RepositoryFile)
    case directory(RepositoryDirectory)
    case template(Template)

    /// Relative to the folder of `hosts.conf`.
    public var path: String {
        switch self {
        case .file(let file): file.path
        case .directory(let directory): directory.path
        case .template(let template): template.file.path
        }
    }

    /// The problem of the path; nil if it can be one in the repository.
    public var problem: String? {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(String.init)
        let isValid = parts.allSatisfy { part in
            part.map { !["", ".", ".."].contains($0) && !$0.utf8.contains { $0 < 0x20 || $0 == 0x7F } } ?? false
        }
        guard isValid, let first = parts.first, first != ".git", first != ".build" else {
            return """
                invalid path of a file of the repository “\(path.escaped)”
                  Write it relative to the folder of hosts.conf, without “..”: files/motd.
                """
        }
        return nil
    }
}

extension Host {
    /// The problems of the paths in the repository, each with the place of its declaration.
    var repositoryProblems: [String] {
        steps.flatMap { step in step.sources.compactMap(\.problem).map { "\(step.place): \($0)" } }
    }
}
