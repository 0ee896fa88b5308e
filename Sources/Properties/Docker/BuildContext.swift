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
        let entries = try await entries(on: machine)
        var text: [UInt8] = Array("propel 1\0\(dockerfile)\0\(target ?? "")\0".utf8)
        for (key, value) in arguments.sorted(by: { $0.key < $1.key }) { text += Array("\(key)=\(value)\0".utf8) }
        for entry in entries { text += entry.status + [0] + entry.name + [0] }
        text += try await checksums(of: entries, on: machine)
        let sum = try await machine.succeed(Invocation("sha256sum", ["--binary"], input: text))
        return String(sum.text.prefix { $0 != " " })
    }

    /// A file, directory or link below the directory.
    private struct Entry {
        /// The path relative to the directory.
        var name: [UInt8]
        /// Type, mode, and the destination of a link.
        var status: [UInt8]
    }

    /// The entries that get to the builder, sorted by name.
    private func entries(on machine: Machine) async throws -> [Entry] {
        let ignored = try ignoredFiles(on: machine)
        let listing = try await machine.succeed(
            Invocation("find", [directory.string, "-mindepth", "1", "-printf", "%y %m %l\\0%P\\0"], timeout: .hours(1)))
        // Of more than 16 MiB not all is kept.
        guard listing.omittedOutput == 0 else {
            throw Failure(
                "\(directory) has too many files to build an image from",
                advice: "Move what does not belong to the image elsewhere.")
        }
        let fields = listing.output.split(separator: 0, omittingEmptySubsequences: false).dropLast()
        var entries: [Entry] = []
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            let name = Array(fields[index + 1])
            // Docker sends these in any case.
            let isNeeded = name == Array(dockerfile.utf8) || name == Array(".dockerignore".utf8)
            if isNeeded || !ignored.contains(String(decoding: name, as: UTF8.self)) {
                entries.append(Entry(name: name, status: Array(fields[index])))
            }
        }
        return entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }

    /// The output of sha256sum for the files among these.
    private func checksums(of entries: [Entry], on machine: Machine) async throws -> [UInt8] {
        let files = entries.filter { $0.status.first == UInt8(ascii: "f") }.map {
            Array(directory.string.utf8) + [UInt8(ascii: "/")] + $0.name + [0]
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
        return sums.output
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
            target?.begins(with: "-") != true
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
