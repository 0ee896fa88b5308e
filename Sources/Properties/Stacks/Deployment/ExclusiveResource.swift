/// What only one container can have at a time, unless the description gives it to several.
enum ExclusiveResource: Hashable {
    /// Of the machine, on whichever address.
    case port(Port)
    /// By its name in docker.
    case volume(String)
}

extension ExclusiveResource {
    /// What docker has given to containers, by their ids.
    /// - Throws: ``Failure`` where docker's answer cannot be understood.
    static func read(
        of containers: [StackContainers.Found], on machine: Machine
    ) async throws -> [String: Set<ExclusiveResource>] {
        guard !containers.isEmpty else { return [:] }
        let format = #"{{.Id}}\#t{{json .HostConfig.PortBindings}}\#t{{json .Mounts}}"#
        let answer = try await machine.succeed(
            Invocation("docker", ["inspect", "--type", "container", "--format", format, "--"] + containers.map(\.id)))
        var resources: [String: Set<ExclusiveResource>] = [:]
        for line in answer.text.split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 2).map(String.init)
            guard fields.count == 3 else {
                throw Failure(
                    "docker tells of its containers in words that are not understood: \(String(line).escaped)")
            }
            resources[fields[0]] = Set(ports(try JSON(parsing: fields[1])) + volumes(try JSON(parsing: fields[2])))
        }
        return resources
    }

    /// Such as `{"80/tcp":[{"HostIp":"","HostPort":"8080"}]}`.
    private static func ports(_ json: JSON) -> [ExclusiveResource] {
        (json.object ?? [:]).flatMap { port, bindings in
            let transport = port.split(separator: "/").last.map(String.init) ?? "tcp"
            return (bindings.array ?? []).compactMap { binding in
                binding["HostPort"]?.string.flatMap { UInt16($0) }.map {
                    ExclusiveResource.port(Port($0, transport: transport))
                }
            }
        }
    }

    private static func volumes(_ json: JSON) -> [ExclusiveResource] {
        (json.array ?? []).compactMap { mount in
            mount["Type"] == "volume" ? mount["Name"]?.string.map(ExclusiveResource.volume) : nil
        }
    }
}
