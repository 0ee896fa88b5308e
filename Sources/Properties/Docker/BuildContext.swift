/// Everything that an image is built from.
struct BuildContext: Sendable {
    let directory: FilePath
    /// Relative to the directory.
    let dockerfile: String
    let arguments: [String: String]
    let target: String?

    /// A hash of the names, modes and bytes of the files, the Dockerfile included, and of the arguments.
    ///
    /// Times and owners do not count: docker's cache ignores times too, and makes root the owner.
    func hash(on machine: Machine) async throws -> String {
        try validate()
        guard try machine.files.status(of: directory)?.kind == .directory else {
            throw Failure(
                "there is no directory \(directory) to build from",
                advice: "Declare what creates it, and let this require it.")
        }
        guard try machine.files.status(of: directory.appending(dockerfile))?.kind == .file else {
            throw Failure(
                "there is no \(directory.appending(dockerfile))",
                advice: "Put a Dockerfile there, or give its path relative to the directory.")
        }
        let ignored = try ignoredFiles(on: machine)
        // Type, mode, destination of a link; then the name.
        let listing = try await machine.succeed(
            Invocation("find", [directory.string, "-mindepth", "1", "-printf", "%y %m %l\\0%P\\0"], timeout: .hours(1)))
        // Of more than 16 MiB not all is kept.
        guard listing.omittedOutput == 0 else {
            throw Failure(
                "\(directory) has too many files to build an image from",
                advice: "Move what does not belong to the image elsewhere.")
        }
        let fields = listing.output.split(separator: 0, omittingEmptySubsequences: false).dropLast()
        var entries: [(name: [UInt8], status: [UInt8])] = []
        var index = fields.startIndex
        while index + 1 < fields.endIndex {
            let name = Array(fields[index + 1])
            // Docker sends these in any case.
            let isNeeded = name == Array(dockerfile.utf8) || name == Array(".dockerignore".utf8)
            if isNeeded || !ignored.contains(String(decoding: name, as: UTF8.self)) {
                entries.append((name, Array(fields[index])))
            }
            index += 2
        }
        entries.sort { $0.name.lexicographicallyPrecedes($1.name) }
        let files = entries.filter { $0.status.first == UInt8(ascii: "f") }.map {
            Array(directory.string.utf8) + [0x2F] + $0.name + [0]
        }
        let sums = try await machine.succeed(
            Invocation(
                "xargs", ["--null", "--no-run-if-empty", "sha256sum", "--zero", "--"], input: Array(files.joined()),
                timeout: .hours(1)))
        guard sums.output.split(separator: 0).count == files.count else {
            throw Failure(
                "\(directory) has too many files to build an image from, or changed while it was read",
                advice: "Move what does not belong to the image elsewhere, then run again.")
        }
        var text: [UInt8] = Array("propel 1\0\(dockerfile)\0\(target ?? "")\0".utf8)
        for (key, value) in arguments.sorted(by: { $0.key < $1.key }) { text += Array("\(key)=\(value)\0".utf8) }
        for (name, status) in entries { text += status + [0] + name + [0] }
        let sum = try await machine.succeed(Invocation("sha256sum", ["--binary"], input: text + sums.output))
        return String(sum.text.prefix { $0 != " " })
    }

    /// The files that certainly do not get to the builder.
    private func ignoredFiles(on machine: Machine) throws -> DockerIgnore {
        // BuildKit has a file beside the Dockerfile take the place of the usual one: then all files count.
        if try machine.files.status(of: directory.appending(dockerfile + ".dockerignore")) != nil,
            BuildKitFeature(
                in: try machine.files.read(directory.appending(dockerfile)), arguments: Set(arguments.keys)) != nil
        {
            return DockerIgnore([])
        }
        return DockerIgnore(try machine.files.readIfPresent(directory.appending(".dockerignore")) ?? [])
    }

    private func validate() throws {
        guard directory.isAbsolute, directory.isLexicallyNormal, directory.lastComponent != nil else {
            throw Failure(
                "invalid build directory “\(directory.string.escaped)”",
                advice: "Write it from the root on: /srv/app.")
        }
        let file = FilePath(dockerfile)
        guard !file.isAbsolute, file.isLexicallyNormal, !file.components.isEmpty,
            file.components.first?.kind == .regular
        else {
            throw Failure(
                "invalid path of a Dockerfile “\(dockerfile.escaped)”",
                advice: "Give it relative to \(directory): docker/Dockerfile.")
        }
        for key in arguments.keys {
            guard let first = key.utf8.first, !first.isASCIIDigit,
                key.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") })
            else {
                throw Failure(
                    "invalid name of a build argument “\(key.escaped)”",
                    advice: "Use letters, digits and _: APP_VERSION.")
            }
        }
        guard !arguments.values.contains(where: { $0.utf8.contains(0) }), target?.isEmpty != true,
            target?.hasPrefix("-") != true
        else {
            throw Failure("a build argument has a NUL in it, or the stage has no name")
        }
    }
}

extension BuildContext: CustomStringConvertible {
    var description: String {
        let words =
            [dockerfile == "Dockerfile" ? nil : dockerfile, target.map { "stage \($0)" }].compactMap(\.self)
            + arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return directory.string + (words.isEmpty ? "" : " (\(words.joined(separator: ", ")))")
    }
}

/// The files that a `.dockerignore` certainly excludes. If too many files count in the hash, an image is built once too
/// often; if one is missing, it is not built.
///
/// <https://docs.docker.com/build/concepts/context/#dockerignore-files>
struct DockerIgnore {
    /// Components of the patterns, as scalars, which docker compares: to Swift, composed and decomposed “é” are equal.
    private var patterns: [[[Unicode.Scalar]]] = []

    /// A file with exceptions, character classes or escapes excludes nothing here.
    init(_ bytes: [UInt8]) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let pattern = String(decoding: line, as: UTF8.self).trimmed
            if pattern.isEmpty || pattern.hasPrefix("#") { continue }
            guard !pattern.unicodeScalars.contains(where: { "![]\\".unicodeScalars.contains($0) }) else {
                patterns = []
                return
            }
            let parts = Self.parts(of: pattern).filter { $0 != ["."] }
            guard !parts.contains([".", "."]) else { continue }
            if !parts.isEmpty { patterns.append(parts) }
        }
    }

    /// Whether a path in the context is excluded: it or a directory above it matches a pattern.
    func contains(_ path: String) -> Bool {
        let parts = Self.parts(of: path)
        return patterns.contains { pattern in
            (1...max(1, parts.count)).contains { Self.matches(parts.prefix($0), pattern[...]) }
        }
    }

    private static func parts(of path: String) -> [[Unicode.Scalar]] {
        path.unicodeScalars.split(separator: "/").map(Array.init)
    }

    private static func matches(_ path: ArraySlice<[Unicode.Scalar]>, _ pattern: ArraySlice<[Unicode.Scalar]>) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if first == ["*", "*"] {
            let rest = pattern.dropFirst()
            // At the end it matches everything in a directory, but not the directory.
            return rest.isEmpty
                ? !path.isEmpty : (path.startIndex...path.endIndex).contains { matches(path[$0...], rest) }
        }
        // Stars in a row beside other characters: not certain.
        guard first.firstRange(of: ["*", "*"]) == nil, let name = path.first else { return false }
        return matches(name[...], first[...]) && matches(path.dropFirst(), pattern.dropFirst())
    }

    private static func matches(_ name: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return (name.startIndex...name.endIndex).contains { matches(name[$0...], pattern.dropFirst()) }
        }
        guard let scalar = name.first, first == "?" || first == scalar else { return false }
        return matches(name.dropFirst(), pattern.dropFirst())
    }
}
