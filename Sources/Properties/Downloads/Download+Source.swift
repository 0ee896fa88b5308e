extension Download.Source {
    /// Downloads the file and passes it on. Nothing of it is left afterwards.
    /// - Parameter body: gets the path of the file, whose hash is right.
    /// - Throws: ``Failure`` if it cannot be downloaded or has another hash, and the errors of `body`.
    func download(on machine: Machine, _ body: (FilePath) async throws -> Void) async throws {
        try await machine.withDownloads(["part"]) { paths in
            try await fetch(to: paths[0], on: machine)
            try await body(paths[0])
        }
    }

    private func fetch(to file: FilePath, on machine: Machine) async throws {
        // It compares the hash too.
        try await machine.download(
            url, to: file, hash: sha256,
            advice: "If it was replaced on purpose, declare its new SHA-256. Else look at the last lines.")
        let found = try machine.files.hash(of: file)
        guard found == sha256 else {
            throw Failure(
                "\(url) has the SHA-256 \(found) instead of \(sha256)",
                advice: "If it was replaced on purpose, declare its new SHA-256.")
        }
    }

    /// The file as that for machines of any architecture.
    var everywhere: [Architecture: Download.Source] {
        Dictionary(uniqueKeysWithValues: Architecture.allCases.map { ($0, self) })
    }

    /// - Parameter isPinned: whether it must have a hash.
    func validate(isPinned: Bool = true) throws {
        guard url.hasPrefix("https://") || url.hasPrefix("http://"),
            url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), url.utf8.count < 2048
        else {
            throw Failure(
                "invalid URL “\(url.escaped)” of a download", advice: "Write one that begins with https://, encoded.")
        }
        guard !isPinned || sha256.utf8.count == 64, sha256.utf8.allSatisfy(\.isLowercaseHexadecimalDigit) else {
            throw Failure(
                "invalid SHA-256 “\(sha256.escaped)” of \(url)", advice: "Write 64 digits, as sha256sum prints them.")
        }
    }
}

extension [Architecture: Download.Source] {
    /// In the order of the architectures, so that equal ones have equal claims.
    var sorted: [(key: Architecture, value: Download.Source)] { sorted { $0.key.rawValue < $1.key.rawValue } }

    /// The file for the architecture of the machine.
    /// - Parameter what: the file in words, for the failure: “download of /srv/tool”.
    /// - Throws: ``Failure`` without one.
    func ofThisMachine(_ what: String) throws -> Download.Source {
        guard let architecture = Architecture.current, let source = self[architecture] else {
            throw Failure(
                "no \(what) is declared for \(Architecture.current?.rawValue ?? "this architecture")",
                advice: "Add one, with its SHA-256.")
        }
        return source
    }
}

extension Machine {
    /// Passes on the paths of downloads that are on their way. Nothing is there before, nor afterwards.
    func withDownloads<Result>(
        _ names: [String], _ body: ([FilePath]) async throws -> Result
    ) async throws -> Result {
        let directory = Machine.state.appending("downloads"), paths = names.map { directory.appending($0) }
        @Sendable func removeAll() throws { for path in paths { try files.remove(path) } }
        try files.createDirectories(directory, mode: 0o700)
        // apt would ask whether what a killed run has left is newer.
        try removeAll()
        let result: Result
        do {
            result = try await body(paths)
        } catch {
            throw await error.after { try removeAll() }
        }
        try removeAll()
        return result
    }

    /// Downloads a file with apt's helper, which tries again itself.
    /// - Parameters:
    ///   - url: the URL.
    ///   - file: where it is put; nothing is there.
    ///   - hash: the SHA-256 that it must have; nil if it is not known.
    ///   - advice: what to do if it cannot be downloaded.
    func download(_ url: String, to file: FilePath, hash: String?, advice: String) async throws {
        showProgress("downloading \(url)")
        let words =
            ["-o", "Acquire::Retries=3", "download-file", url, file.string] + (hash.map { ["SHA256:\($0)"] } ?? [])
        let command = Invocation("/usr/lib/apt/apt-helper", words, timeout: .hours(1))
        let result = try await run(command)
        guard !result.succeeded else { return }
        var failure = Failure(describing: CommandFailure(command: command, result: result))
        failure.message = "\(url) could not be downloaded"
        failure.advice =
            failure.output.contains { $0.contains("certificate") }
            ? "For https the machine needs the package ca-certificates: declare Apt.Installed(\"ca-certificates\")."
            : advice
        throw failure
    }
}
