import Vocabulary

/// An error between the laptop and the machine.
///
/// Every case has a `message` (what is wrong) and a `remedy` (what to do next).
public enum TransportError: Error, Sendable, Equatable {
    // Connecting.
    case configuration(host: String, reason: String)
    case nameNotFound(host: String, reason: String)
    case timedOut(host: String, during: String, after: Duration)
    case unreachable(host: String, attempts: [ConnectionAttempt])
    case proxyFailed(host: String, command: String, output: String)
    case handshakeFailed(host: String, reason: String)

    // Host keys.
    /// `key` is the whole key, `ssh-ed25519 AAAA…`.
    case hostKeyUnknown(host: String, keyType: String, fingerprint: String, key: String)
    case hostKeyChanged(host: String, presented: String, expected: [ExpectedHostKey])
    case hostKeyRevoked(host: String, fingerprint: String, source: String)
    /// `key` is the whole key that is certified.
    case hostCertificateInvalid(host: String, reason: String, key: String)
    case hostKeyNotSaved(host: String, file: String, reason: String)
    case hostKeyMalformed(host: String, key: String)

    // Authentication.
    case authenticationFailed(host: String, user: String, tried: [String], accepted: [String])

    // The open connection.
    case linkLost(host: String, reason: String)
    case execRefused(host: String, reason: String)
    case channelClosed(host: String)

    // Becoming root.
    case notRoot(host: String, user: String)
    case becomeMissing(host: String, command: Become)
    case becomeRefused(host: String, user: String, command: Become)
    case wrongPassword(host: String, user: String, command: Become)
    case becomeFailed(host: String, command: Become, output: String)

    // The enforcer.
    case noSpace(host: String, directory: String, needed: Int)
    case uploadFailed(host: String, reason: String)
    case enforcerNotExecutable(host: String, path: String)
    case enforcerUnusable(file: String, reason: String)
    case startFailed(host: String, status: RemoteExit?, output: String)
    case unsupportedArchitecture(host: String, machine: String)
    case lineTooLong(host: String, limit: Int)
}

/// One address to which no connection could be made.
public struct ConnectionAttempt: Sendable, Equatable {
    /// The numeric address and the port.
    public var address: String
    /// The reason, in a few words.
    public var reason: String

    public init(address: String, reason: String) {
        self.address = address
        self.reason = reason
    }
}

/// A host key that would have been accepted, and where it is listed.
public struct ExpectedHostKey: Sendable, Equatable {
    /// `SHA256:…`, after the type of the key.
    public var fingerprint: String
    /// `file:line` of known_hosts, or “pinned in hosts.conf”.
    public var source: String
}

extension TransportError {
    /// Whether the connection or the login failed, so that nothing was started on the machine.
    public var isUnreachable: Bool {
        switch self {
        case .configuration, .nameNotFound, .timedOut, .unreachable, .proxyFailed, .handshakeFailed, .hostKeyUnknown,
            .hostKeyChanged, .hostKeyRevoked, .hostCertificateInvalid, .hostKeyNotSaved, .hostKeyMalformed,
            .authenticationFailed, .linkLost:
            true
        case .execRefused, .channelClosed, .notRoot, .becomeMissing, .becomeRefused, .wrongPassword, .becomeFailed,
            .noSpace,
            .uploadFailed, .enforcerNotExecutable, .enforcerUnusable, .startFailed, .unsupportedArchitecture,
            .lineTooLong:
            false
        }
    }

    /// The error in one sentence without a full stop; details follow on further lines.
    public var message: String {
        switch self {
        case .configuration(let host, let reason):
            "\(host): the ssh configuration cannot be used: \(reason)"
        case .nameNotFound(let host, let reason):
            "\(host): no address found for this name (\(reason))"
        case .timedOut(let host, let during, let duration):
            "\(host): no answer within \(duration.inSeconds) while \(during)"
        case .unreachable(let host, let attempts):
            "\(host): cannot connect" + attempts.map { "\n  \($0.address): \($0.reason)" }.joined()
        case .proxyFailed(let host, let command, let output):
            "\(host): the proxy command `\(command)` ended" + output.asQuotedLines
        case .handshakeFailed(let host, let reason):
            "\(host): the SSH handshake failed: \(reason)"
        case .hostKeyUnknown(let host, let type, let fingerprint, _):
            "\(host): unknown host key (\(type) \(fingerprint))"
        case .hostKeyChanged(let host, let presented, let expected):
            "\(host): THE HOST KEY HAS CHANGED. Somebody may be intercepting the connection, or the machine was "
                + "reinstalled"
                + "\n  presented: \(presented)"
                + expected.map { "\n  expected:  \($0.fingerprint) (\($0.source))" }.joined()
        case .hostKeyRevoked(let host, let fingerprint, let source):
            "\(host): the host key is marked as revoked (\(fingerprint), \(source))"
        case .hostCertificateInvalid(let host, let reason, _):
            "\(host): its host certificate is not accepted: \(reason)"
        case .hostKeyNotSaved(let host, let file, let reason):
            "\(host): the host key cannot be written to \(file): \(reason)"
        case .hostKeyMalformed(let host, let key):
            "\(host): invalid pinned host key: \(key)"
        case .authenticationFailed(let host, let user, let tried, let accepted):
            "\(host): login as \(user) failed"
                + (tried.isEmpty
                    ? "\n  no key file and no agent to authenticate with" : tried.map { "\n  \($0)" }.joined())
                + (accepted.isEmpty ? "" : "\n  the server accepts: \(accepted.joined(separator: ", "))")
        case .linkLost(let host, let reason):
            "\(host): the connection was lost: \(reason)"
        case .execRefused(let host, let reason):
            "\(host): the server refused to run a command: \(reason)"
        case .channelClosed(let host):
            "\(host): the command exited before it had read its input"
        case .notRoot(let host, let user):
            "\(host): \(user) is not root"
        case .becomeMissing(let host, let command):
            "\(host): \(command) is not installed"
        case .becomeRefused(let host, let user, let command):
            "\(host): \(user) is not allowed to become root with \(command)"
        case .wrongPassword(let host, let user, let command):
            "\(host): wrong password for \(command) as \(user)"
        case .becomeFailed(let host, let command, let output):
            "\(host): \(command) did not start the enforcer" + output.asQuotedLines
        case .noSpace(let host, let directory, let needed):
            "\(host): no space left on the device of \(directory): \((needed + 999_999) / 1_000_000) MB needed"
        case .uploadFailed(let host, let reason):
            "\(host): the enforcer could not be installed: \(reason)"
        case .enforcerNotExecutable(let host, let path):
            "\(host): \(path) is installed but cannot be executed"
        case .enforcerUnusable(let file, let reason):
            "\(file): \(reason)"
        case .startFailed(let host, let status, let output):
            "\(host): the enforcer did not start (\(status.map { "\($0)" } ?? "no exit status"))" + output.asQuotedLines
        case .unsupportedArchitecture(let host, let machine):
            "\(host): no enforcer for the architecture \(machine)"
        case .lineTooLong(let host, let limit):
            "\(host): a line of the enforcer is longer than \(limit) bytes"
        }
    }

    /// Advice in one or two sentences.
    public var remedy: String {
        switch self {
        case .configuration(let host, _):
            "Try `ssh -G \(host)`, and correct ~/.ssh/config or the entry in hosts.conf."
        case .nameNotFound(let host, _):
            "Check the spelling, the network and DNS (`getent hosts \(host)`), or set `address` in hosts.conf."
        case .timedOut:
            "Check that the machine is on and that no firewall drops the port. On a slow link, raise "
                + "connect-timeout in hosts.conf."
        case .unreachable:
            "Check that the machine is on, that sshd is running, and that address and port are right."
        case .proxyFailed:
            "Run the command by hand. A jump host must have a known host key and accept a login without a password: "
                + "log in to it with ssh once."
        case .handshakeFailed(let host, _):
            "Compare with `ssh -vvv \(host)`; check that an SSH server listens on that port, and which algorithms "
                + "it offers."
        case .hostKeyUnknown(let host, let type, _, let key):
            "Compare it with `ssh-keygen -lf /etc/ssh/ssh_host_\(type.hostKeyFileName)_key.pub` at the machine's "
                + "console. If it is right, log in once with `ssh \(host)`, or add this line to the entry in "
                + "hosts.conf:\n"
                + "host-keys = [\"\(key)\"]"
        case .hostKeyChanged(let host, _, let expected):
            "Do not continue before you know why. If the machine was reinstalled, compare the fingerprint at its "
                + "console, then "
                + (expected.contains { $0.source == HostKeys.pinned }
                    ? "replace the pinned key in hosts.conf."
                    : "remove the old key with `ssh-keygen -R \(host)` and connect again.")
        case .hostKeyRevoked:
            "Do not connect. Give the machine a new host key, or remove the line if it is wrong."
        case .hostCertificateInvalid(_, _, let key):
            "Let the authority sign the host's key again, or add this line to the entry in hosts.conf if the key is "
                + "right:\nhost-keys = [\"\(key)\"]"
        case .hostKeyNotSaved(_, let file, _):
            "Check the owner and mode of \(file), or pin the key in hosts.conf."
        case .hostKeyMalformed:
            "Write the type and the key as `ssh-keyscan` prints them, without the host: `ssh-ed25519 AAAA…`."
        case .authenticationFailed(let host, let user, _, _):
            "Try `ssh \(user)@\(host)`; load your key with `ssh-add`, or copy it there with `ssh-copy-id "
                + "\(user)@\(host)`."
        case .linkLost:
            "Run again. A run that had started on the machine continues without the connection."
        case .execRefused:
            "Check that the user's authorized_keys and sshd_config allow commands (ForceCommand, restrict, "
                + "MaxSessions)."
        case .channelClosed:
            "Read what the command printed."
        case .notRoot:
            "Log in as root, or set become = \"sudo\" or \"doas\" in hosts.conf."
        case .becomeMissing(_, let command):
            "Install it as root (`apt install \(command == .doas ? "doas" : "sudo")`), log in as root, or set "
                + "another `become` in hosts.conf."
        case .becomeRefused(_, let user, .doas):
            "As root, add this line to /etc/doas.conf: `permit persist \(user) as root`"
        case .becomeRefused(_, let user, _):
            "As root, add this line with `visudo -f /etc/sudoers.d/\(user)`: `\(user) ALL=(root) ALL`"
        case .wrongPassword(_, let user, let command):
            "\(command) asks for the password of \(user) on that machine. Try `\(command) true` there."
        case .becomeFailed(_, let command, _):
            "Log in and try `\(command) true` by hand."
        case .noSpace(_, let directory, _):
            "Free some space: `df -h \(directory)`, `df -i \(directory)`, `journalctl --vacuum-size=100M`, `apt clean`."
        case .uploadFailed:
            "Run again. If it fails again, check the disk and the kernel log of the machine."
        case .enforcerNotExecutable:
            "Check whether its file system is mounted noexec (`findmnt -T /var/lib`), and mount it with exec."
        case .enforcerUnusable:
            "Build it again."
        case .startFailed:
            "Log in and run the command by hand."
        case .unsupportedArchitecture:
            "Propel supports x86_64 and aarch64."
        case .lineTooLong:
            "propel and propel-enforce do not match: build again, and report the error if it persists."
        }
    }
}

extension TransportError: CustomStringConvertible {
    public var description: String { message + "\n" + remedy }
}

extension Duration {
    fileprivate var inSeconds: String {
        let tenths = (components.seconds * 10) + components.attoseconds / 100_000_000_000_000_000
        return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
    }
}

extension String {
    /// The last 20 lines, each indented and without control characters: the machine must not control the terminal.
    fileprivate var asQuotedLines: String {
        unicodeScalars.split { $0 == "\n" || $0 == "\r" }.suffix(20)
            .map {
                "\n  "
                    + $0.filter { $0.value >= 0x20 && $0.value != 0x7F }.reduce(into: "") {
                        $0.unicodeScalars.append($1)
                    }
            }
            .joined()
    }

    fileprivate var hostKeyFileName: String {
        self == "ssh-ed25519" ? "ed25519" : hasPrefix("ecdsa") ? "ecdsa" : "rsa"
    }
}
