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
        for row in try DockerAnswer.rows(answer.text, columns: 3) {
            let bindings = try DockerAnswer.json(row[1]), mounts = try DockerAnswer.json(row[2])
            resources[row[0]] = Set(ports(bindings) + volumes(mounts))
        }
        return resources
    }

    /// Such as `{"80/tcp":[{"HostIp":"","HostPort":"8080"}]}`. Of a range it may have any.
    private static func ports(_ json: JSON) -> [ExclusiveResource] {
        (json.object ?? [:]).flatMap { port, bindings in
            let transport = port.split(separator: "/").last.map(String.init) ?? "tcp"
            return (bindings.array ?? []).flatMap { binding in
                numbers(binding["HostPort"]?.string ?? "").map {
                    ExclusiveResource.port(Port($0, transport: transport))
                }
            }
        }
    }

    /// The numbers in `8080`, or `8080-8081`.
    private static func numbers(_ text: String) -> [UInt16] {
        let ends = text.split(separator: "-").compactMap { UInt16($0) }
        guard let first = ends.first, let last = ends.last, first <= last else { return [] }
        return Array(first...last)
    }

    private static func volumes(_ json: JSON) -> [ExclusiveResource] {
        (json.array ?? []).compactMap { mount in
            let source = mount["Type"] == "volume" ? mount["Name"] : mount["Type"] == "bind" ? mount["Source"] : nil
            return source?.string.map(ExclusiveResource.volume)
        }
    }
}
