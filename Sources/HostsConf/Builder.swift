/// What builds the program for the machines with a certain processor.
public enum Builder: Sendable, Equatable {
    /// A Swift SDK of this computer, by its id or by its triple, as `swift build --swift-sdk` takes it.
    case sdk(String)
    /// A machine with that processor, by its name in `hosts.conf`.
    case host(String)
}
