extension Container {
    /// The command that a container is started with, in place of the one of its image (`CMD`).
    public struct Command: ContainerPart, Hashable {
        /// Visible to everybody who may ask docker: never a secret.
        public let words: [String]

        public init(_ words: String...) { self.words = words }

        public func add(to container: inout Container) { container.command = self }
    }
}
