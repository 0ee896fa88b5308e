/// The containers of a compose project, as docker lists them.
struct StackContainers: Sendable {
    let all: [Found]

    init(_ all: [Found]) { self.all = all }

    /// - Throws: ``Failure`` if docker's answer cannot be parsed.
    init(_ answer: String) throws {
        all = try DockerAnswer.rows(answer, columns: 5).map {
            Found(id: $0[0], name: $0[1], image: $0[2], state: $0[3], status: $0[4])
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
