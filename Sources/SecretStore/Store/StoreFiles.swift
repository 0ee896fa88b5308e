import Foundation
import Propel

/// The files of a secret store.
///
///     keyring/FINGERPRINT.asc   all/NAME.gpg   hosts/HOST/NAME.gpg   roles/ROLE/NAME.gpg
///
/// Any other file is an error, and nothing is written then.
struct StoreFiles {
    /// The absolute path without symbolic links.
    let root: FilePath
    /// The name of the folder: `secrets`.
    let name: String

    private let files = LocalFileSystem()

    /// Other files that may be at the top.
    static let companions: Set = [".gitattributes", ".gitignore", "README.md"]
    /// The store may be a separate repository or a submodule.
    static let repository = ".git"
    private static let folders = ["all", "hosts", "keyring", "roles"]

    /// - Parameter folder: may be a symbolic link to a folder.
    init(folder: URL) throws(SecretStoreError) {
        name = folder.lastPathComponent
        let path = folder.standardizedFileURL.path
        if let resolved = realpath(path, nil) {
            defer { free(resolved) }
            root = FilePath(String(cString: resolved))
        } else {
            guard errno == ENOENT, (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == nil else {
                throw .file(operation: "find", path: path, reason: "it is a dangling link")
            }
            let parent = folder.standardizedFileURL.deletingLastPathComponent().path
            guard let resolved = realpath(parent, nil) else {
                throw .systemCall(to: "find", parent)
            }
            defer { free(resolved) }
            root = FilePath(String(cString: resolved)).appending(name)
        }
    }

    /// The same store at another place, while it is being built.
    init(root: FilePath, name: String) { (self.root, self.name) = (root, name) }

    var isThere: Bool {
        get throws(SecretStoreError) { try kind(of: root, shown: name) == .directory }
    }

    /// A path of the store, relative to the repository.
    func shown(_ path: String) -> String { "\(name)/\(path)" }

    // MARK: Reading

    /// All secrets, sorted.
    func secrets() throws(SecretStoreError) -> [StoredSecret] {
        guard try isThere else { return [] }
        try refuseStrangers()
        var secrets = try secrets(of: .all)
        for name in try contextNames(in: "hosts") { secrets += try self.secrets(of: .host(name)) }
        for name in try contextNames(in: "roles") { secrets += try self.secrets(of: .role(name)) }
        return secrets.sorted()
    }

    /// The secret of exactly this context; nil if there is no such secret.
    func secret(_ name: SecretName, of context: SecretContext) throws(SecretStoreError) -> StoredSecret? {
        let folder = try context.path
        var path = ""
        for part in folder.split(separator: "/") {
            path += path.isEmpty ? String(part) : "/\(part)"
            guard try kind(of: path) == .directory else { return nil }
        }
        return try kind(of: Self.path(of: name, in: context)) == .file ? try location(of: name, in: context) : nil
    }

    /// The location of a secret, whether or not it exists.
    func location(of name: SecretName, in context: SecretContext) throws(SecretStoreError) -> StoredSecret {
        let path = try Self.path(of: name, in: context)
        return StoredSecret(
            name: name, context: context, file: URL(filePath: root.appending(path).string), path: shown(path))
    }

    /// The path of the message of a secret in the store.
    private static func path(of name: SecretName, in context: SecretContext) throws(SecretStoreError) -> String {
        "\(try context.path)/\(name).gpg"
    }

    /// The path of a key of the keyring in the store.
    static func path(ofKey fingerprint: String) -> String { "keyring/\(fingerprint).asc" }

    /// The fingerprints in the names of the keyring's files, sorted.
    func fingerprints() throws(SecretStoreError) -> [String] {
        guard try kind(of: root, shown: name) == .directory, try kind(of: "keyring") == .directory else { return [] }
        var fingerprints: [String] = []
        for entry in try entries(of: "keyring") {
            let fingerprint = String(entry.dropLast(4))
            guard entry.hasSuffix(".asc"), [40, 64].contains(fingerprint.utf8.count),
                fingerprint.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) })
            else { throw .strangeFile(shown("keyring/\(entry)")) }
            try requireFile("keyring/\(entry)")
            fingerprints.append(fingerprint)
        }
        return fingerprints
    }

    func read(_ path: String) throws(SecretStoreError) -> [UInt8] {
        try attempt(shown(path)) { () throws(FileError) in try files.read(root.appending(path)) }
    }

    /// The encrypted message.
    func read(_ secret: StoredSecret) throws(SecretStoreError) -> [UInt8] {
        guard try self.secret(secret.name, of: secret.context) != nil else { throw .noSuchSecret(secret.path) }
        let path = root.appending(try Self.path(of: secret.name, in: secret.context))
        let bytes = try attempt(secret.path) { () throws(FileError) in
            try files.read(path, first: Self.messageLimit + 1)
        }
        guard bytes.count <= Self.messageLimit else { throw .tooLarge(secret.path) }
        return bytes
    }

    /// The size limit of a message in bytes, with room for armor and many recipients.
    private static let messageLimit = Secret.sizeLimit * 2

    // MARK: Writing

    /// Creates or replaces a file, and creates its folder.
    func write(_ bytes: [UInt8], to path: String) throws(SecretStoreError) {
        let parts = path.split(separator: "/").map(String.init)
        var folder = root
        try makeFolder(folder, shown: name)
        for part in parts.dropLast() {
            folder.append(part)
            try makeFolder(folder, shown: shown(part))
        }
        try attempt(shown(path)) { () throws(FileError) in
            try files.replace(root.appending(path), with: bytes, mode: 0o644, owner: .current)
        }
    }

    /// Creates or replaces the message of a secret.
    func write(_ message: [UInt8], of secret: StoredSecret) throws(SecretStoreError) {
        try write(message, to: try Self.path(of: secret.name, in: secret.context))
    }

    /// Removes the message of a secret, and its folder if that is empty then.
    func remove(_ secret: StoredSecret) throws(SecretStoreError) {
        let path = try Self.path(of: secret.name, in: secret.context)
        try attempt(shown(path)) { () throws(FileError) in try files.remove(root.appending(path)) }
        var folder = FilePath(path).removingLastComponent()
        while !folder.isEmpty {
            guard rmdir(root.appending(folder.components).string) == 0 else { return }
            folder.removeLastComponent()
        }
    }

    private func makeFolder(_ path: FilePath, shown: String) throws(SecretStoreError) {
        switch try kind(of: path, shown: shown) {
        case .directory: return
        case nil:
            try attempt(shown) { () throws(FileError) in try files.createDirectory(path, mode: 0o755, owner: .current) }
        case .link: throw .symbolicLink(shown)
        default: throw .strangeFile(shown)
        }
    }

    // MARK: Contents

    private func refuseStrangers() throws(SecretStoreError) {
        for entry in try entries(of: "") where !Self.companions.contains(entry) && entry != Self.repository {
            guard Self.folders.contains(entry) else { throw .strangeFile(shown(entry)) }
            guard try kind(of: entry) == .directory else { throw .strangeFile(shown(entry)) }
        }
        _ = try fingerprints()
    }

    private func contextNames(in folder: String) throws(SecretStoreError) -> [String] {
        guard try kind(of: folder) == .directory else { return [] }
        var names: [String] = []
        for entry in try entries(of: folder) {
            guard SecretContext.isUsable(entry), try kind(of: "\(folder)/\(entry)") == .directory else {
                throw .strangeFile(shown("\(folder)/\(entry)"))
            }
            names.append(entry)
        }
        return names
    }

    private func secrets(of context: SecretContext) throws(SecretStoreError) -> [StoredSecret] {
        let folder = try context.path
        guard try kind(of: folder) == .directory else { return [] }
        var secrets: [StoredSecret] = []
        for entry in try entries(of: folder) {
            guard entry.hasSuffix(".gpg"), let name = SecretName(String(entry.dropLast(4))) else {
                throw .strangeFile(shown("\(folder)/\(entry)"))
            }
            try requireFile("\(folder)/\(entry)")
            secrets.append(try location(of: name, in: context))
        }
        return secrets
    }

    private func requireFile(_ path: String) throws(SecretStoreError) {
        guard try kind(of: path) == .file else { throw .strangeFile(shown(path)) }
    }

    /// The names in a folder, without `.gitkeep` and the files of interrupted writes.
    private func entries(of folder: String) throws(SecretStoreError) -> [String] {
        try attempt(folder.isEmpty ? name : shown(folder)) { () throws(FileError) in
            try files.list(folder.isEmpty ? root : root.appending(folder)).filter {
                $0 != ".gitkeep" && !FilePath($0).isStagingPath
            }
        }
    }

    /// Removes the files of interrupted writes. Only under the store's lock.
    func removeLeftOvers() throws(SecretStoreError) {
        let walk = FileManager.default.enumerator(atPath: root.string)
        while let path = walk?.nextObject() as? String {
            if path == Self.repository { walk?.skipDescendants() }
            guard FilePath(path).isStagingPath else { continue }
            try attempt(shown(path)) { () throws(FileError) in try files.remove(root.appending(path)) }
        }
    }

    private func kind(of path: String) throws(SecretStoreError) -> FileStatus.Kind? {
        try kind(of: root.appending(path), shown: shown(path))
    }

    /// - Throws: ``SecretStoreError/symbolicLink(_:)``: a link could point outside of the repository.
    private func kind(of path: FilePath, shown: String) throws(SecretStoreError) -> FileStatus.Kind? {
        let kind = try attempt(shown) { () throws(FileError) in try files.status(of: path)?.kind }
        if kind == .link { throw .symbolicLink(shown) }
        return kind
    }

    /// Converts an error of the file system.
    private func attempt<Result>(
        _ shown: String, _ body: () throws(FileError) -> Result
    ) throws(SecretStoreError) -> Result {
        do throws(FileError) {
            return try body()
        } catch {
            throw .file(operation: error.operation, path: shown, reason: error.cause.description)
        }
    }
}

extension Owner {
    /// The user of this process.
    static var current: Owner { Owner(user: geteuid(), group: getegid()) }
}
