extension Repository {
    /// A deployment that was noted, and the commit that was deployed.
    public struct Deployment: Sendable, Equatable {
        public var commit: Commit
        public var note: DeploymentNote
    }

    /// The deployments to a host, the newest first.
    public func deployments(to host: String, ref: String = deploymentNotesRef) async throws -> [Deployment] {
        guard try await notesTip(ref) != nil else { return [] }
        // BLOB COMMIT
        let pairs = try await git.output(of: ["notes", "--ref=\(ref)", "list"]).text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let texts = try await blobs(pairs.compactMap(\.first))
        var found: [Deployment] = []
        for pair in pairs where pair.count == 2 {
            guard let commit = Commit(id: pair[1]), let text = texts[pair[0]] else { continue }
            for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
                if let note = DeploymentNote(line: String(line)), note.host == host { found.append(Deployment(commit: commit, note: note)) }
            }
        }
        return found.sorted { $0.note.time > $1.note.time }
    }

    /// The content of blobs by their ids, with one process for all.
    private func blobs(_ ids: [String]) async throws -> [String: [UInt8]] {
        var rest = try await git.output(of: ["cat-file", "--batch"], input: Array(ids.map { "\($0)\n" }.joined().utf8)).stdout[...]
        var contents: [String: [UInt8]] = [:]
        // ID blob SIZE<newline>CONTENT<newline>
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let words = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
            rest = rest[(end + 1)...]
            guard words.count == 3, let size = Int(words[2]), size <= rest.count else { continue }
            contents[String(words[0])] = Array(rest.prefix(size))
            rest = rest.dropFirst(size + 1)
        }
        return contents
    }

    /// The bytes of a file in a commit; nil where it has no such file.
    public func file(_ path: String, of commit: Commit) async throws -> [UInt8]? {
        guard let id = try await object(at: path, of: commit) else { return nil }
        return try await git.output(of: ["cat-file", "blob", id]).stdout
    }
}
