/// How a command on the machine ended.
public enum RemoteExit: Sendable, Equatable, CustomStringConvertible {
    /// It exited by itself; 0 is success.
    case exited(Int)
    /// A signal ended it; the name comes without `SIG` (RFC 4254, 6.10).
    case signalled(String)

    public var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signalled(let name): "ended by SIG\(name)"
        }
    }
}
