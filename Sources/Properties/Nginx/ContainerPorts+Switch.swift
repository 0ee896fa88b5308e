extension ContainerPorts {
    /// Has the nginx of the machine pass new requests to one of the ports.
    ///
    /// It reloads in any case: a run that was killed may have written the file and no more.
    /// - Returns: the workers that may still have connections to other ports.
    /// - Throws: ``Failure`` if nginx refuses to reload. It goes on as before, and the file is that of before.
    func ask(_ port: UInt16, on machine: Machine) async throws -> Set<NginxWorker> {
        let former = try first(on: machine), workers = try await Self.workers(on: machine)
        if former != port { try write(first: port, on: machine) }
        do {
            try await Nginx.Reload().perform(on: machine)
        } catch {
            if let former, former != port { try write(first: former, on: machine) }
            throw error
        }
        return workers
    }

    /// All workers of nginx, those that are shutting down too; none if it does not run.
    static func workers(on machine: Machine) async throws -> Set<NginxWorker> {
        let master = try await machine.succeed(SystemctlCommand.value(of: "MainPID", "nginx.service")).text.trimmed
        return try NginxWorker.all(of: master, includingEnding: true, on: machine)
    }

    /// The port that docker has given to a container; nil if it has none of these.
    /// - Throws: ``Failure`` if docker's answer cannot be parsed.
    func port(of id: String, on machine: Machine) async throws -> UInt16? {
        let answer = try await machine.succeed(
            DockerCommand.inspect(containers: [id], format: "{{json .NetworkSettings.Ports}}"))
        let json = try DockerAnswer.json(answer.text.trimmed)
        // Such as `{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8081"}]}`.
        let numbers = (json.object ?? [:]).values.flatMap { $0.array ?? [] }.compactMap { binding in
            binding["HostPort"]?.string.flatMap { UInt16($0) }
        }
        return numbers.first { range.contains($0) }
    }
}
