/// The volumes of a stack that a machine has and that are backed up.
struct StackData: Sendable {
    struct Present: Sendable {
        var volume: DataVolume
        /// Where its files are on the machine.
        var mountpoint: FilePath
        var isEmpty: Bool
    }

    enum Answer: Sendable {
        case found(StackData)
        /// There is no engine that could be asked, until that has happened.
        case unknown(until: String)
    }

    /// In the order in which the stack names them, and after them those of the version that is deployed which it does not name any more.
    let present: [Present]

    /// Those in which something is.
    var filled: [Present] { present.filter { !$0.isEmpty } }

    /// What it would be to back them up, in words.
    var change: String { "back up \(filled.map(\.volume.name).joined(separator: ", "))" }

    /// - Parameter isDescribedOnly: leaves those out that the stack does not name any more.
    static func ask(of stack: Stack, isDescribedOnly: Bool = false, on machine: Machine) async throws -> Answer {
        let former = isDescribedOnly ? [] : try StackRecord(of: stack, on: machine).formerVolumes(of: stack)
        let wanted = stack.dataVolumes.filter { $0.backup != .none } + former
        guard !wanted.isEmpty else { return .found(StackData(present: [])) }
        switch try await machine.ask(docker: DockerCommand.volumes()) {
        case .unknown(let until): return .unknown(until: until)
        case .answer(let text):
            let names = Set(text.split(separator: "\n").map(String.init))
            return .found(try await read(wanted.filter { names.contains($0.dockerName) }, on: machine))
        }
    }

    /// - Throws: ``Failure`` where there is no engine that could be asked.
    static func read(of stack: Stack, isDescribedOnly: Bool = false, on machine: Machine) async throws -> StackData {
        switch try await ask(of: stack, isDescribedOnly: isDescribedOnly, on: machine) {
        case .found(let data): return data
        case .unknown(let until):
            throw Failure("nobody knows what data \(stack.name) has until \(until)", advice: "Deploy it first.")
        }
    }

    private static func read(_ volumes: [DataVolume], on machine: Machine) async throws -> StackData {
        guard !volumes.isEmpty else { return StackData(present: []) }
        let answer = try await machine.succeed(
            Invocation(
                "docker",
                ["volume", "inspect", "--format", #"{{.Name}}\#t{{.Mountpoint}}"#, "--"] + volumes.map(\.dockerName)))
        var mountpoints: [String: FilePath] = [:]
        for line in answer.text.split(separator: "\n") {
            let fields = line.split(separator: "\t").map(String.init)
            if fields.count == 2 { mountpoints[fields[0]] = FilePath(fields[1]) }
        }
        return StackData(
            present: try volumes.map { volume in
                guard let mountpoint = mountpoints[volume.dockerName], mountpoint.isAbsolute,
                    mountpoint.components.count > 1
                else {
                    throw Failure("docker does not tell where the files of the volume \(volume.dockerName) are")
                }
                let isThere = try machine.files.status(of: mountpoint) != nil
                return Present(
                    volume: volume, mountpoint: mountpoint,
                    isEmpty: isThere ? try machine.files.list(mountpoint).isEmpty : true)
            })
    }
}
