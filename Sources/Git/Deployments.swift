import PlainText

extension Repository {
    /// A deployment with the commit that was deployed.
    public struct RecordedDeployment: Sendable, Equatable {
        public var commit: Commit
        public var note: DeploymentNote
    }

    /// The deployments of a host, the newest first.
    public func deployments(to host: String, ref: String = deploymentNotesRef) async throws -> [RecordedDeployment] {
        guard try await notesTip(ref) != nil else { return [] }
        // BLOB COMMIT
        let pairs = try await git.output(of: ["notes", "--ref=\(ref)", "list"]).text.nonEmptyLines.map {
            $0.split(separator: " ").map(String.init)
        }
        let contents = try await blobs(pairs.compactMap(\.first))
        var found: [RecordedDeployment] = []
        for pair in pairs where pair.count == 2 {
            guard let commit = Commit(id: pair[1]), let text = contents[pair[0]] else { continue }
            for line in String(decoding: text, as: UTF8.self).nonEmptyLines {
                if let note = DeploymentNote(line: String(line)), note.host == host {
                    found.append(RecordedDeployment(commit: commit, note: note))
                }
            }
        }
        // Times are whole seconds. The last line of a note is the newest; of two commits, the descendant is the newer
        // one.
        let places = try await places(of: Set(found.map(\.commit.id)))
        return found.enumerated().sorted { one, other in
            let (first, second) = (one.element, other.element)
            if first.note.time != second.note.time { return first.note.time > second.note.time }
            if first.commit != second.commit {
                return places[first.commit.id, default: .max] < places[second.commit.id, default: .max]
            }
            return one.offset > other.offset
        }.map(\.element)
    }

    /// The places of commits in the history, the newest first, without those of other branches.
    private func places(of ids: Set<String>) async throws -> [String: Int] {
        guard ids.count > 1, let head = try await head() else { return [:] }
        let lines = try await git.output(of: ["rev-list", "--topo-order", head.id]).text.nonEmptyLines.map(String.init)
        return Dictionary(lines.enumerated().filter { ids.contains($0.element) }.map { ($0.element, $0.offset) }) {
            first, _ in first
        }
    }

    /// The contents of blobs by id, read by one process.
    private func blobs(_ ids: [String]) async throws -> [String: [UInt8]] {
        var rest = try await git.output(of: ["cat-file", "--batch"], input: Array(ids.map { "\($0)\n" }.joined().utf8))
            .stdout[...]
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
}
