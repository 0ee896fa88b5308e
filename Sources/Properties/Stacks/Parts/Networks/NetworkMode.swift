/// The network that a container has instead of a separate one.
enum NetworkMode: Sendable, Hashable {
    case host
    case none
    /// The bridge that docker has for containers without a network, docker0.
    case bridge
    /// The network of another container of the stack.
    case container(String)
    /// The network of a container outside of the stack, by its name in docker.
    case outsideContainer(String)

    /// The value in the compose file.
    var text: String {
        switch self {
        case .host: "host"
        case .none: "none"
        case .bridge: "bridge"
        case .container(let name): "service:\(name)"
        case .outsideContainer(let name): "container:\(name)"
        }
    }

    /// Completes the sentence “the container app …”.
    var words: String {
        switch self {
        case .host: "has the network of the machine"
        case .none: "has no network"
        case .bridge: "has the bridge of docker"
        case .container(let name), .outsideContainer(let name): "has the network of \(name)"
        }
    }

    /// Whether the addresses and names are those of another container.
    var isOfContainer: Bool {
        switch self {
        case .host, .none, .bridge: false
        case .container, .outsideContainer: true
        }
    }
}

/// The network of the machine itself: for programs that listen to broadcasts, such as Home Assistant.
///
/// Its programs listen on ports of the machine directly. ``Publish`` then only says which, for what checks ports:
/// `Publish(8123)`. No container reaches it by its name; `host.docker.internal` of ``ExtraHosts`` is one that works.
public struct HostNetwork: ContainerPart, Hashable {
    public init() {}

    public func add(to container: inout Container) { container.setNetworkMode(.host) }
}

/// The network of another container: for programs behind a VPN.
///
///     NetworkOf("vpn")
///
/// Both have one address and one set of ports, which the other container publishes. This one is started after it, and
/// recreated with it.
public struct NetworkOf: ContainerPart, Hashable {
    private let mode: NetworkMode

    /// - Parameter container: the name of a container of the stack.
    public init(_ container: String) { mode = .container(container) }

    /// - Parameter name: the name in docker of a container that is not of the stack. Nothing recreates this one when
    ///   that is recreated.
    public init(outside name: String) { mode = .outsideContainer(name) }

    public func add(to container: inout Container) { container.setNetworkMode(mode) }
}

/// No network but the loopback.
public struct NoNetwork: ContainerPart, Hashable {
    public init() {}

    public func add(to container: inout Container) { container.setNetworkMode(.none) }
}

/// The bridge that docker has for containers outside of any project, `docker0`.
///
/// Containers in it reach the network, and each other by their addresses alone: docker gives them no names there. So a
/// container that others are to reach by its name joins a network of the stack instead, as all do by default.
public struct BridgeNetwork: ContainerPart, Hashable {
    public init() {}

    public func add(to container: inout Container) { container.setNetworkMode(.bridge) }
}

extension Container {
    fileprivate mutating func setNetworkMode(_ mode: NetworkMode) {
        if let present = networkMode, present != mode {
            partProblems.append("it \(present.words), and \(mode.words): keep one")
        }
        networkMode = mode
    }
}
