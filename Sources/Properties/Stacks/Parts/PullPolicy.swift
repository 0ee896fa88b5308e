/// When a newer image of the same name is looked for.
///
///     Container("page", image: "example/page", tag: "latest") {
///         PullPolicy(.always)
///     }
///
/// A tag such as `latest` means another image from time to time. A newer image is pulled, the container is recreated,
/// and if it does not become healthy the former image gets its name back, as in any deployment. For all containers, and
/// only when it is asked for, `propel deploy HOST --pull` does it.
public struct PullPolicy: ContainerPart, Hashable {
    public enum Condition: Sendable, Hashable {
        /// When there is no image of that name: the default.
        case missing
        /// In each run and each plan, which ask the registry. It has to tell digests, and the machine needs buildx of
        /// docker for it; if it cannot be asked, the image stays.
        case always
    }

    public let condition: Condition

    public init(_ condition: Condition) { self.condition = condition }

    public func add(to container: inout Container) { container.pullsAlways = condition == .always }
}
