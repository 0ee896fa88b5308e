extension Podman {
    /// An image of a registry that podman has, so that a service need not wait for it.
    ///
    ///     Podman.Image("docker.io/library/nginx:1.27")
    ///
    /// One that is there is not pulled again, even if its tag has moved since: use a digest (`app@sha256:…`) for a
    /// fixed image. A former one of another tag stays until ``Podman/Absent`` removes it.
    public struct Image: Property {
        public typealias Target = DebianLike

        public let image: String

        /// - Parameter image: the name with its registry, and a tag or a digest; `latest` by default. Podman would ask
        ///   a person where a name without a registry is from.
        public init(_ image: String) { self.image = image }

        public var name: String { "podman image \(image.escaped)" }
        public var claims: [Claim] { [Claim("the podman image \(PodmanImages.full(image))", is: "present")] }
        public var problems: [String] { problems { try Self.validate(image) } }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Podman.package])
        }

        /// - Throws: ``Undetermined`` if podman is not installed yet.
        public func check(on machine: Machine) async throws -> Check {
            try Self.validate(image)
            return try await machine.fact(PodmanImages.self).contains(image) ? .satisfied : .unmet("pull it")
        }

        public func apply(on machine: Machine) async throws {
            try Self.validate(image)
            machine.showProgress("pulling \(image)")
            try await machine.succeed(Invocation("podman", ["pull", "--quiet", image], timeout: .hours(6)))
        }

        static func validate(_ image: String) throws {
            let parts = image.split(separator: "/", omittingEmptySubsequences: false)
            let host = parts[0]
            let isHost = host.contains(".") || host.contains(":") || host == "localhost"
            guard parts.count > 1, isHost, parts.allSatisfy({ $0.utf8.first?.isASCIILetterOrDigit == true }),
                image.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "./:@_-".utf8.contains($0) })
            else {
                throw Failure(
                    "invalid name of a podman image “\(image.escaped)”",
                    advice: "Name its registry: docker.io/library/nginx:1.27.")
            }
        }
    }
}

/// The images that podman has.
struct PodmanImages: MachineFact {
    private var names: Set<String> = []

    static func read(from machine: Machine) async throws -> PodmanImages {
        let answer = try await Podman.answer(to: ["image", "ls", "--format", "json"], on: machine)
        var images = PodmanImages()
        for image in try JSON(parsing: Array(answer.utf8)).array ?? [] {
            for key in ["Names", "RepoDigests"] {
                for name in image[key]?.array ?? [] { images.names.insert(name.string ?? "") }
            }
        }
        return images
    }

    func contains(_ image: String) -> Bool { names.contains(Self.full(image)) }

    /// The name as podman has it: with a tag or a digest, but not both, and with `library` for docker's own images.
    static func full(_ image: String) -> String {
        var parts = image.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 2, parts[0] == "docker.io" { parts.insert("library", at: 1) }
        guard let last = parts.popLast() else { return image }
        let pieces = last.split(separator: "@", maxSplits: 1).map(String.init)
        if pieces.count == 2 {
            parts.append("\(pieces[0].split(separator: ":")[0])@\(pieces[1])")
        } else {
            parts.append(last.contains(":") ? last : "\(last):latest")
        }
        return parts.joined(separator: "/")
    }
}
