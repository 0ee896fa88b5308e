/// The containers of a compose project, as docker lists them.
struct StackContainers: Sendable {
    let all: [Found]

    init(_ all: [Found]) { self.all = all }

    /// - Throws: ``Failure`` if docker's answer cannot be parsed.
    init(_ answer: String) throws {
        all = try answer.nonEmptyLines.map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 5 else {
                throw Failure("unexpected answer from docker about its containers: “\(String(line).escaped)”")
            }
            return Found(id: fields[0], name: fields[1], image: fields[2], state: fields[3], status: fields[4])
        }
    }

    /// Lists the containers of a project.
    /// - Parameters:
    ///   - volume: only containers that use this volume of docker; all by default.
    ///   - includesRuns: whether those of `compose run` are listed too; no by default.
    static func listing(of project: String, using volume: String? = nil, includesRuns: Bool = false) -> Invocation {
        DockerCommand.ps(
            all: true,
            filters: ["label=com.docker.compose.project=\(project)"]
                + (includesRuns ? [] : ["label=com.docker.compose.oneoff=False"])
                + (volume.map { ["volume=\($0)"] } ?? []),
            format: #"{{.ID}}\#t{{.Label "com.docker.compose.service"}}\#t{{.Image}}\#t{{.State}}\#t{{.Status}}"#)
    }

    func named(_ name: String) -> [Found] { all.filter { $0.name == name } }
}

extension StackContainers {
    /// One container, as docker lists it.
    struct Found: Sendable, Equatable {
        var id: String
        /// The name of the service in the compose file.
        var name: String
        /// The image by the name that it was requested under; its ID if another image has that name now.
        var image: String
        /// `running`, `exited`, `restarting`, `created`, `paused` or `dead`.
        var state: String
        /// Such as `Up 5 minutes (healthy)`.
        var status: String
    }
}
