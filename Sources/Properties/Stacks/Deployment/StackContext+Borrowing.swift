extension StackContext {
    /// The containers whose network, processes or memory are those of other containers, by their names in the stack,
    /// with what docker calls the others: IDs, or names if they are not of the stack.
    func borrowed(_ found: StackContainers) async throws -> [String: [String]] {
        guard !found.all.isEmpty else { return [:] }
        let format =
            #"{{.Id}}\#t{{.HostConfig.NetworkMode}}\#t{{.HostConfig.PidMode}}\#t{{.HostConfig.IpcMode}}"#
        let answer = try await machine.succeed(DockerCommand.inspect(containers: found.all.map(\.id), format: format))
        var borrowed: [String: [String]] = [:]
        for row in try DockerAnswer.rows(answer.text, columns: 4) {
            let owners = row.dropFirst().filter { $0.hasPrefix("container:") }.map { String($0.dropFirst(10)) }
            if let name = found.all.first(where: { $0.id == row[0] })?.name, !owners.isEmpty {
                borrowed[name] = owners
            }
        }
        return borrowed
    }

    /// The names of the containers whose network, processes or memory are those of a container that no longer exists:
    /// docker keeps its ID, and the new one has another.
    func orphans(_ found: StackContainers) async throws -> [String] {
        let ids = Set(found.all.map(\.id))
        let outside = stack.containers.compactMap { container in
            if case .outsideContainer(let name) = container.networkMode { name } else { nil }
        }
        return try await borrowed(found).filter { _, owners in
            owners.contains { !ids.contains($0) && !outside.contains($0) }
        }.keys.sorted()
    }
}
