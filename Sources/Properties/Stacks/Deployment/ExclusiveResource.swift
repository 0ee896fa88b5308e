/// Something that only one container can have at a time, unless the stack gives it to several.
enum ExclusiveResource: Hashable {
    /// A port of the machine, on any address.
    case port(Port)
    /// A volume, by its name in docker, or a directory of the machine.
    case volume(String)
}

extension ExclusiveResource {
    /// The resources that containers have, by the IDs of the containers.
    /// - Throws: ``Failure`` if docker's answer cannot be parsed.
    static func read(
        of containers: [StackContainers.Found], on machine: Machine
    ) async throws -> [String: Set<ExclusiveResource>] {
        guard !containers.isEmpty else { return [:] }
        let answer = try await machine.succeed(
            DockerCommand.inspect(
                containers: containers.map(\.id),
                format: #"{{.Id}}\#t{{json .HostConfig.PortBindings}}\#t{{json .Mounts}}"#))
        var resources: [String: Set<ExclusiveResource>] = [:]
        for line in answer.text.nonEmptyLines {
            let fields = line.split(separator: "\t", maxSplits: 2).map(String.init)
            guard fields.count == 3, let bindings = try? JSON(parsing: fields[1]),
                let mounts = try? JSON(parsing: fields[2])
            else {
                throw Failure("unexpected answer from docker about its containers: “\(String(line).escaped)”")
            }
            resources[fields[0]] = Set(ports(bindings) + volumes(mounts))
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
            let source = mount["Type"] == "volume" ? mount["Name"] : mount["Type"] == "bind" ? mount["Source"] : nil
            return source?.string.map(ExclusiveResource.volume)
        }
    }
}
