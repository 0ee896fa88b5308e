/// A directory that other machines can mount by NFS, in a file of `/etc/exports.d` (exports(5)).
///
///     NFSExport("media", "/srv/media", to: ["10.0.0.0/24": ["rw", "no_subtree_check"]])
///     NFSExport("public", "/srv/public", to: ["*": ["ro", "all_squash", "no_subtree_check"]])
///
/// The server, nfs-kernel-server, is installed first. The exports are read after the run's other changes; clients keep
/// their mounts. A revert takes the export back.
public struct NFSExport: FileBacked {
    public typealias Target = DebianLike

    public let id: String
    public let path: FilePath
    public let clients: [String: [String]]

    /// - Parameters:
    ///   - id: the name of the file without `.exports`: letters, digits, `-` and `_`.
    ///   - path: absolute: the directory, which must exist or be declared before.
    ///   - clients: the options by the client: a name, an address, a network such as `10.0.0.0/24`, `*` for all.
    public init(_ id: String, _ path: FilePath, to clients: [String: [String]]) {
        self.id = id
        self.path = path
        self.clients = clients
    }

    public var name: String { "NFS export \(path)" }
    public var createsDirectory: Bool { true }

    public var file: File {
        let clients = clients.sorted { $0.key < $1.key }.map { "\($0.key)(\($0.value.joined(separator: ",")))" }
        return File(FilePath("/etc/exports.d/\(id).exports"), "\"\(path)\" \(clients.joined(separator: " "))\n")
    }

    public func declaration(at place: SourcePlace) -> Declaration {
        var declaration = declaration(at: place, requiring: [Apt.Installed("nfs-kernel-server")])
        declaration.actions = [Reload()]
        return declaration
    }

    public func revert(on machine: Machine) async throws {
        try await file.revert(on: machine, removesDirectory: true)
        try await Reload().perform(on: machine)
    }

    public func validate() throws {
        guard !id.isEmpty, id.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }) else {
            throw Failure("invalid name of an NFS export “\(id.escaped)”", advice: "Use letters, digits, “-” and “_”.")
        }
        try validateAbsolute(path)
        guard !path.string.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") })
        else {
            throw Failure("\(path.string.escaped) cannot be exported", advice: "Choose a path without quotes.")
        }
        guard !clients.isEmpty else { throw Failure("\(path) is exported to nobody", advice: "Name a client, or *.") }
        for (client, options) in clients.sorted(by: { $0.key < $1.key }) {
            guard !client.isEmpty, !client.hasPrefix("-"),
                client.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "./:*?@[]-_".utf8.contains($0) })
            else {
                throw Failure("invalid client “\(client.escaped)” of \(path)", advice: "Write a name or a network.")
            }
            // Without options the clients may only read, and exportfs warns.
            guard !options.isEmpty,
                options.allSatisfy({ option in
                    !option.isEmpty && option.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_=.:/-@".utf8.contains($0) }
                })
            else {
                throw Failure(
                    "invalid options “\(options.joined(separator: ",").escaped)” of \(path) for \(client)",
                    advice: "Write them one per string: \"rw\", \"no_subtree_check\".")
            }
        }
    }

    /// Lets the server read its exports.
    struct Reload: Action {
        typealias Target = DebianLike

        var name: String { "reload the NFS exports" }
        func perform(on machine: Machine) async throws { try await machine.run("exportfs", "-ra") }
    }
}
