extension Stack {
    /// No containers of a stack. Its data stays.
    ///
    ///     Stack.Absent("old-shop")
    ///
    /// Its containers are stopped and removed, with the networks that compose has made for it, the unit that starts
    /// them at boot, its compose file, its mounted files and secrets, and all that Propel remembers of it: no rollback
    /// leads back to it. Volumes, directories with data, and the backups in `/var/backups/propel/NAME` stay; see
    /// ``Docker/Volume/Absent``. Its images stay under their names, for ``Docker/ImagesPruned``: only the tags go by
    /// which Propel has kept them, and what had no other name. Of a project of compose that is no stack of Propel the
    /// files stay too. While a restore is unfinished no container and no file is removed.
    public struct Absent: CompositeProperty {
        public typealias Target = DebianLike

        /// The name of the stack.
        public let stack: String
        /// The directory of its compose file.
        public let directory: FilePath

        /// - Parameters:
        ///   - stack: the name of the stack.
        ///   - directory: the directory of its compose file, if it was declared with another one than `/srv/NAME`.
        public init(_ stack: String, directory: FilePath? = nil) {
            self.stack = stack
            self.directory = directory ?? FilePath("/srv").appending(escaping: stack)
        }

        public var name: String { "no stack \(stack)" }

        public var body: [Declaration] {
            // Only its name and its directory count.
            let description = Stack(stack, directory: directory) { [any StackPart]() }
            let containers = StackContainersAbsent(stack: description)
            // First what would start them again.
            SystemdUnit.Absent(description.bootUnit)
            containers
            StackFilesAbsent(stack: description).requires(containers)
        }
    }

    /// - Throws: ``Failure`` if no stack can have the name or the directory.
    fileprivate func validateAbsence() throws {
        guard Self.isName(name) else {
            throw Failure(
                "invalid stack name “\(name.escaped)”",
                advice: "Use lowercase letters, digits, “-” and “_”, and begin with a letter or a digit.")
        }
        guard directory.isAbsolute, directory.isLexicallyNormal, directory.components.count >= 2 else {
            throw Failure(
                "invalid directory “\(directory.string.escaped)” of the stack \(name)",
                advice: "Give that of the stack, such as /srv/\(name).")
        }
    }
}

/// Docker has no containers and no networks of a stack.
struct StackContainersAbsent: Property {
    typealias Target = DebianLike

    /// Its name and its directory.
    let stack: Stack

    var name: String { "no containers of \(stack.name)" }
    var claims: [Claim] { [Claim("the stack \(stack.name)", is: "absent")] }
    var problems: [String] { problems(in: stack.validateAbsence) }

    /// - Throws: ``Failure`` if a restore is unfinished.
    func check(on machine: Machine) async throws -> Check {
        try stack.validateAbsence()
        guard try DockerPackage.hasClient(machine) else {
            try machine.awaitPackages()
            return .satisfied
        }
        let containers = try await containers(on: machine), networks = try await networks(on: machine)
        guard !containers.isEmpty || !networks.isEmpty else { return .satisfied }
        try RestoreRecord.refuseUnfinished(of: stack, on: machine)
        try await refuseOtherDirectory(containers, on: machine)
        var what =
            containers.isEmpty ? [] : ["the containers \(Set(containers.map(\.name)).sorted().joined(separator: ", "))"]
        if !networks.isEmpty { what.append("the networks \(networks.joined(separator: ", "))") }
        return .unmet("remove \(what.joined(separator: " and ")): volumes and backups stay")
    }

    func apply(on machine: Machine) async throws {
        try stack.validateAbsence()
        try RestoreRecord.refuseUnfinished(of: stack, on: machine)
        let containers = try await containers(on: machine).map(\.id)
        if !containers.isEmpty {
            machine.showProgress("stopping the containers of \(stack.name)")
            try await machine.succeed(DockerCommand.stop(containers, grace: nil))
            // Docker removes those of `compose run --rm` by itself when they stop.
            let stopped = try await self.containers(on: machine).map(\.id)
            if !stopped.isEmpty { try await machine.succeed(DockerCommand.remove(stopped)) }
        }
        for network in try await networks(on: machine) {
            try await machine.succeed(DockerCommand.remove(network: network))
        }
    }

    private var filter: String { "label=com.docker.compose.project=\(stack.name)" }

    /// Also those of `compose run`, which would keep the networks. Not those that docker is removing.
    private func containers(on machine: Machine) async throws -> [StackContainers.Found] {
        try StackContainers(
            try await machine.answer(of: StackContainers.listing(of: stack.name, includesRuns: true))
        ).all.filter { $0.state != "removing" }
    }

    private func networks(on machine: Machine) async throws -> [String] {
        try await machine.lines(of: DockerCommand.networks(filters: [filter]))
    }

    /// - Throws: ``Failure`` if Propel has deployed the stack from another directory: its files would stay there.
    private func refuseOtherDirectory(_ containers: [StackContainers.Found], on machine: Machine) async throws {
        guard !containers.isEmpty, try StackRecord(of: stack, on: machine).current != nil else { return }
        let found = try await FoundProject.read(StackContainers(containers), on: machine).containers
        let directories = Set(found.map(\.service.origin.directory)).filter { !$0.components.isEmpty }
        guard !directories.isEmpty, !directories.contains(stack.directory) else { return }
        let names = directories.map(\.string).sorted()
        throw Failure(
            "the containers of \(stack.name) were started from \(names.joined(separator: ", ")), not from "
                + "\(stack.directory)",
            advice: "Give that directory: Stack.Absent(\"\(stack.name)\", directory: \"\(names[0])\").")
    }
}

/// The files of a stack, and what Propel remembers of it, are gone. Those of other projects stay.
struct StackFilesAbsent: Property {
    typealias Target = DebianLike

    let stack: Stack

    var name: String { "no files of \(stack.name)" }
    var problems: [String] { problems(in: stack.validateAbsence) }

    /// - Throws: ``Failure`` if a restore is unfinished, or if the files of the stack are in another directory.
    func check(on machine: Machine) async throws -> Check {
        try stack.validateAbsence()
        let owner = try owner(machine.files)
        // A record may be gone while files are left: the directory was not given then.
        guard try owner == .stack || !records(on: machine).isEmpty else { return .satisfied }
        try RestoreRecord.refuseUnfinished(of: stack, on: machine)
        if owner == .somebody, try StackRecord(of: stack, on: machine).current != nil {
            throw Failure(
                "\(stack.directory) has a compose file that Propel did not write, so the files of \(stack.name) are "
                    + "elsewhere",
                advice: "Give the directory of the stack: Stack.Absent(\"\(stack.name)\", directory: …).")
        }
        return .unmet("remove its files in \(stack.directory), what is remembered of it, and the tags of its images")
    }

    func apply(on machine: Machine) async throws {
        try stack.validateAbsence()
        try RestoreRecord.refuseUnfinished(of: stack, on: machine)
        let owner = try owner(machine.files)
        if owner == .stack || owner == .nobody { try removeFiles(machine.files) }
        if try DockerPackage.hasClient(machine) { try await StackContext(stack, on: machine).images.keepNone() }
        // Last: without a record the files are somebody else's.
        for record in try records(on: machine) { try machine.files.removeTree(record) }
    }

    /// All that the machine remembers of the stack; see ``Stack/record(_:)``.
    private func records(on machine: Machine) throws -> [FilePath] {
        guard try machine.files.status(of: Stack.records) != nil else { return [] }
        return try machine.files.list(Stack.records).filter { $0.hasPrefix(stack.name + ".") }.map {
            Stack.records.appending($0)
        }
    }

    /// The owner of the directory, as its compose file tells.
    private enum DirectoryOwner {
        case stack
        /// A stack that has taken the directory over.
        case otherStack
        /// A project of compose.
        case somebody
        /// There is no compose file.
        case nobody
    }

    private func owner(_ files: any FileSystem) throws -> DirectoryOwner {
        guard try files.status(of: stack.directory)?.kind == .directory else { return .nobody }
        if try files.status(of: stack.composeFile)?.kind == .file,
            let name = ComposeFile.stack(in: try files.read(stack.composeFile))
        {
            return name == stack.name ? .stack : .otherStack
        }
        return Set(try files.list(stack.directory)).isDisjoint(with: StackFiles.composeFiles) ? .nobody : .somebody
    }

    private func removeFiles(_ files: any FileSystem) throws {
        guard try files.status(of: stack.directory)?.kind == .directory else { return }
        let candidates = StackFiles.candidates.map { stack.directory.appending($0) }
        for file in [stack.overrideFile] + candidates { try files.remove(file) }
        for name in [Snapshot.folderName, Snapshot.formerFolderName] {
            try files.removeTree(stack.directory.appending(name))
        }
        for name in StackFiles.folders {
            let folder = stack.directory.appending(name)
            guard try files.status(of: folder)?.kind == .directory else { continue }
            try files.removeFiles(below: folder, where: StackFiles.isReplaceable)
            if try files.list(folder).isEmpty { try files.remove(folder) }
        }
        // After the others: it says that they are of this stack.
        try files.remove(stack.composeFile)
        // What somebody else has put there stays, and so does data.
        if try files.list(stack.directory).isEmpty { try files.remove(stack.directory) }
    }
}
