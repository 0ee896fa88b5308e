extension Podman {
    /// A file of which podman makes a service of systemd: `/etc/containers/systemd/NAME` (podman-systemd.unit(5)).
    ///
    ///     Podman.Quadlet("app.container", """
    ///         [Container]
    ///         Image=ghcr.io/example/app:1.4
    ///         PublishPort=127.0.0.1:8080:80
    ///
    ///         [Install]
    ///         WantedBy=multi-user.target
    ///         """)
    ///         .onChange(Service.Restart("app"))
    ///     Service("app")
    ///
    /// systemd reads it at once. `app.container` and `app.kube` make `app.service`, `app.pod` makes `app-pod.service`,
    /// and so do the other kinds. `[Install]` starts it at boot; ``Service`` starts it now. If podman makes nothing of
    /// the file, there is no such service, and its generator, `podman-system-generator --dryrun` in
    /// `/usr/lib/systemd/system-generators`, says why. Podman does so from version 4.4 on, which Debian 13 has, and
    /// Debian 12 has not. A revert stops nothing.
    public struct Quadlet: Revertible {
        public typealias Target = DebianLike

        /// The path below `/etc/containers/systemd`.
        public let id: String
        public let text: String

        /// - Parameters:
        ///   - id: the name of the file, which ends with `.container`, `.volume`, `.network`, `.pod`, `.kube`, `.image`
        ///     or `.build`; or of a drop-in for one, such as `app.container.d/limits.conf`.
        ///   - text: the whole file. Secrets come in by ``Podman/Secret``.
        public init(_ id: String, _ text: String) {
            self.id = id
            self.text = text
        }

        public var name: String { "quadlet \(id)" }
        public var claims: [Claim] { file.claims }
        public var problems: [String] { problems(in: validate) }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Podman.package])
        }

        private static let kinds = ["container", "volume", "network", "pod", "kube", "image", "build"]

        private var file: File {
            File(FilePath("/etc/containers/systemd/\(id)"), text.hasSuffix("\n") ? text : text + "\n")
        }

        private var pending: PendingChange { PendingChange(of: "quadlet-\(id)") }
        private static let unread = "systemd has not read it yet"

        public func check(on machine: Machine) async throws -> Check {
            try validate()
            return try pending.check(
                try await file.check(on: machine, createsDirectory: true), Self.unread, on: machine)
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await pending.read(by: [SystemctlCommand.daemonReload], on: machine) {
                try await file.apply(on: machine, createsDirectory: true)
            }
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try validate()
            return try pending.check(
                try await file.checkReverted(on: machine, removesDirectory: true), Self.unread, on: machine)
        }

        public func revert(on machine: Machine) async throws {
            try await pending.read(by: [SystemctlCommand.daemonReload], on: machine) {
                try await file.revert(on: machine, removesDirectory: true)
            }
        }

        private func validate() throws {
            let parts = id.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let isFile = parts.count == 1 && Self.isQuadlet(parts[0])
            let isDropIn =
                parts.count == 2 && parts[0].hasSuffix(".d") && Self.isQuadlet(String(parts[0].dropLast(2)))
                && parts[1].hasSuffix(".conf") && Self.isWord(parts[1].dropLast(5))
            guard isFile || isDropIn else {
                throw Failure(
                    "invalid name of a quadlet “\(id.escaped)”",
                    advice: "Write one such as app.container, which ends with .\(Self.kinds.joined(separator: ", ."))")
            }
            guard text.lines.contains(where: { $0.hasPrefix("[") }), !text.utf8.contains(0) else {
                throw Failure("the quadlet \(id) has no section", advice: "Begin with one such as [Container].")
            }
        }

        private static func isQuadlet(_ name: String) -> Bool {
            kinds.contains { name.hasSuffix(".\($0)") && isWord(name.dropLast($0.utf8.count + 1)) }
        }

        private static func isWord(_ word: Substring) -> Bool {
            !word.isEmpty && !word.hasPrefix(".")
                && word.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_.@".utf8.contains($0) }
        }
    }
}
