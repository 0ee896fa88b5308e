/// The way to build the enforcer for the machines of an architecture.
public enum Builder: Sendable, Equatable {
    /// A Swift SDK on this computer, by its id or triple, as `swift build --swift-sdk` takes it.
    case sdk(String)
    /// A machine of that architecture, by its name in `hosts.conf`.
    case host(String)
}
