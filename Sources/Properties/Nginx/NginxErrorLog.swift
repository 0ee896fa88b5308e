/// The log in which a running nginx says why it refuses a configuration.
struct NginxErrorLog {
    /// The path in the configuration of nginx.
    let name: String
    /// Nil if it is not a file.
    private let path: FilePath?
    /// The size in bytes at the beginning.
    private let size: Int

    /// The log in its present state.
    init(of machine: Machine) throws {
        let main = NginxDirectives(
            String(decoding: try machine.files.readIfPresent(NginxPaths.configuration) ?? [], as: UTF8.self))
        let declared = main.all.first { $0.name == "error_log" && $0.depth == 0 }.flatMap { $0.words.dropFirst().first }
        name = declared ?? "/var/log/nginx/error.log"
        let path = FilePath(name)
        let found = path.isAbsolute ? try machine.files.status(of: path) : nil
        self.path = path.isAbsolute && (found == nil || found?.kind == .file) ? path : nil
        size = found?.size ?? 0
    }

    /// The distinct reasons to refuse a configuration that were logged since then.
    /// - Parameter process: the PID that logged them; nil for all. Workers and other runs of `nginx -t` log there too.
    func refusals(on machine: Machine, of process: String? = nil) async throws -> [String] {
        guard let path, let found = try machine.files.status(of: path), found.size != size else { return [] }
        // It may have been rotated.
        let first = found.size > size ? size + 1 : 1
        let text = try await machine.run("tail", "--bytes=+\(first)", "--", path.string).text
        return text.nonEmptyLines.reduce(into: []) { words, line in
            // After the time, `2026/11/28 17:05:35 `, and nowhere else: clients influence the text that follows.
            let said = line.dropFirst(20)
            guard said.hasPrefix("[emerg] ") else { return }
            // PID and thread ID come first: `100#100: `.
            let rest = said.dropFirst(8)
            if let process, !rest.hasPrefix("\(process)#") { return }
            let word = "[emerg] " + rest.drop { $0 != " " }.dropFirst()
            if !words.contains(word) { words.append(word) }
        }.suffix(Failure.outputLineLimit)
    }

    /// Whether nginx has given up. It tries a port that is in use five times.
    static func isFinal(_ refusals: [String]) -> Bool {
        refusals.contains { !($0.contains("bind() to ") && $0.contains("(98: ")) }
    }
}
