/// The exit status of a command on the machine.
public enum RemoteExit: Sendable, Equatable, CustomStringConvertible {
    /// It exited by itself; 0 is success.
    case exited(Int)
    /// It was killed by a signal, named without `SIG` (RFC 4254, 6.10).
    case signalled(String)

    public var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signalled(let name): "killed by SIG\(name)"
        }
    }
}
