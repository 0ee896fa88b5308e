extension Podman {
    /// No image, network or secret of that name in podman. What containers use stays: podman says by which.
    ///
    ///     Podman.Absent(.image("docker.io/plexinc/pms-docker:1.43"))
    ///     Podman.Absent(.network("old-front"))
    ///     Podman.Absent(.secret("old-password"))
    public struct Absent: Property {
        public typealias Target = DebianLike

        /// Something that podman has.
        public enum Object: Sendable, Hashable {
            /// The image of this name, with its registry, and a tag or a digest; `latest` by default.
            case image(String)
            case network(String)
            case secret(String)
        }

        public let object: Object

        /// - Parameter object: what is absent.
        public init(_ object: Object) { self.object = object }

        private var words: (kind: String, id: String) {
            switch object {
            case .image(let id): ("image", id)
            case .network(let id): ("network", id)
            case .secret(let id): ("secret", id)
            }
        }

        public var name: String { "no podman \(words.kind) \(words.id.escaped)" }
        public var claims: [Claim] {
            if case .image(let id) = object {
                return [Claim("the podman image \(PodmanImages.full(id))", is: "absent")]
            }
            return [Claim("podman \(words.kind) \(words.id)", is: "absent")]
        }
        public var problems: [String] { problems(in: validate) }

        /// A machine without podman has none.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard try machine.files.status(of: Podman.program) != nil else {
                try machine.awaitPackages()
                return .satisfied
            }
            let isThere =
                switch object {
                case .image(let id): try await machine.fact(PodmanImages.self).contains(id)
                case .network(let id): try await machine.fact(PodmanNetworks.self)[id] != nil
                case .secret(let id): try await machine.fact(PodmanSecrets.self)[id] != nil
                }
            return isThere ? .unmet("remove it") : .satisfied
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await machine.succeed(Invocation("podman", [words.kind, "rm", words.id]))
        }

        private func validate() throws {
            switch object {
            case .image(let id): try Image.validate(id)
            case .network(let id): try Network.validate(id)
            case .secret(let id): try Podman.validate(id, of: "secret")
            }
        }
    }
}
