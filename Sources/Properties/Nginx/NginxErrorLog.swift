/// The log in which a running nginx says why it does not use a configuration.
struct NginxErrorLog {
    /// As its configuration calls it.
    let name: String
    /// Nil where it is no file.
    private let path: FilePath?
    /// What was in it before, in bytes.
    private let size: Int

    /// As it is now.
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

    /// What keeps nginx from using a configuration, said since then, each once.
    /// - Parameter process: the number of the one that says so; nil for all. A worker and somebody's `nginx -t` write there too.
    func refusals(on machine: Machine, of process: String? = nil) async throws -> [String] {
        guard let path, let found = try machine.files.status(of: path), found.size != size else { return [] }
        // It may have been begun anew.
        let first = found.size > size ? size + 1 : 1
        let text = try await machine.run("tail", "--bytes=+\(first)", "--", path.string).text
        return text.split(separator: "\n").reduce(into: []) { words, line in
            // After the time, `2026/11/28 17:05:35 `, and nowhere else: clients decide on some of what comes later.
            let said = line.dropFirst(20)
            guard said.hasPrefix("[emerg] ") else { return }
            // First the numbers of the process and the thread: `100#100: `.
            let rest = said.dropFirst(8)
            if let process, !rest.hasPrefix("\(process)#") { return }
            let word = "[emerg] " + rest.drop { $0 != " " }.dropFirst()
            if !words.contains(word) { words.append(word) }
        }.suffix(Failure.outputLineLimit)
    }

    /// Whether nginx has given up. A port that is taken it tries five times, for it may just become free.
    static func isFinal(_ refusals: [String]) -> Bool {
        refusals.contains { !($0.contains("bind() to ") && $0.contains("(98: ")) }
    }
}
