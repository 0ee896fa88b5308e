/// What a container is started with, in the place of what its image says (`CMD`).
public struct Arguments: ContainerPart, Hashable {
    /// Anybody who may ask docker sees them: never a secret.
    public let words: [String]

    public init(_ words: String...) { self.words = words }

    public func add(to container: inout Container) { container.arguments = self }
}
