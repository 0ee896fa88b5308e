import Vocabulary
/// What can go wrong between the laptop and the machine.
///
/// Every case has a `message` (what is wrong) and a `remedy` (what to do next).
public enum TransportError: Error, Sendable, Equatable {
    // Reaching the machine.
    case configuration(host: String, reason: String)
    case nameNotFound(host: String, reason: String)
    case timedOut(host: String, during: String, after: Duration)
    case unreachable(host: String, attempts: [ConnectionAttempt])
    case proxyFailed(host: String, command: String, output: String)
    case handshakeFailed(host: String, reason: String)

    // Knowing the machine.
    case hostKeyUnknown(host: String, keyType: String, fingerprint: String)
    case hostKeyChanged(host: String, presented: String, expected: [ExpectedHostKey])
    case hostKeyRevoked(host: String, fingerprint: String, source: String)
    case hostKeyNotSaved(host: String, file: String, reason: String)
    case hostKeyMalformed(host: String, key: String)

    // Being known to it.
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

/// One address that was tried in vain.
public struct ConnectionAttempt: Sendable, Equatable {
    /// The numeric address and the port.
    public var address: String
    /// Why it was in vain, in a few words.
    public var reason: String

    public init(address: String, reason: String) {
        self.address = address
        self.reason = reason
    }
}

/// A host key that would have been right, and where it is written.
public struct ExpectedHostKey: Sendable, Equatable {
    /// `SHA256:…`, after the type of the key.
    public var fingerprint: String
    /// `file:line` of known_hosts, or that the key is pinned.
    public var source: String
}

extension TransportError {
    /// Whether the machine could not be reached or logged in to, so that nothing was tried on it.
    public var isUnreachable: Bool {
        switch self {
        case .configuration, .nameNotFound, .timedOut, .unreachable, .proxyFailed, .handshakeFailed, .hostKeyUnknown,
            .hostKeyChanged, .hostKeyRevoked, .hostKeyNotSaved, .hostKeyMalformed, .authenticationFailed, .linkLost:
            true
        case .execRefused, .channelClosed, .notRoot, .becomeMissing, .becomeRefused, .wrongPassword, .becomeFailed,
            .noSpace,
            .uploadFailed, .enforcerNotExecutable, .enforcerUnusable, .startFailed, .unsupportedArchitecture,
            .lineTooLong:
            false
        }
    }

    /// What is wrong, as one sentence without a full stop; more lines may follow it.
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
        case .hostKeyUnknown(let host, let type, let fingerprint):
            "\(host): its host key is not known (\(type) \(fingerprint))"
        case .hostKeyChanged(let host, let presented, let expected):
            "\(host): THE HOST KEY HAS CHANGED. Somebody may be between you and the machine, or it was installed anew"
                + "\n  presented: \(presented)"
                + expected.map { "\n  expected:  \($0.fingerprint) (\($0.source))" }.joined()
        case .hostKeyRevoked(let host, let fingerprint, let source):
            "\(host): its host key is marked as revoked (\(fingerprint), \(source))"
        case .hostKeyNotSaved(let host, let file, let reason):
            "\(host): the host key cannot be written to \(file): \(reason)"
        case .hostKeyMalformed(let host, let key):
            "\(host): this pinned host key cannot be read: \(key)"
        case .authenticationFailed(let host, let user, let tried, let accepted):
            "\(host): \(user) may not log in"
                + (tried.isEmpty ? "\n  nothing to offer: no key file, no agent" : tried.map { "\n  \($0)" }.joined())
                + (accepted.isEmpty ? "" : "\n  the machine accepts: \(accepted.joined(separator: ", "))")
        case .linkLost(let host, let reason):
            "\(host): the connection was lost: \(reason)"
        case .execRefused(let host, let reason):
            "\(host): the machine refused to run a command: \(reason)"
        case .channelClosed(let host):
            "\(host): the command ended before it had read its input"
        case .notRoot(let host, let user):
            "\(host): \(user) is not root there"
        case .becomeMissing(let host, let command):
            "\(host): \(command) is not installed there"
        case .becomeRefused(let host, let user, let command):
            "\(host): \(user) may not become root with \(command)"
        case .wrongPassword(let host, let user, let command):
            "\(host): wrong password for \(command) as \(user)"
        case .becomeFailed(let host, let command, let output):
            "\(host): \(command) did not start the enforcer" + output.asQuotedLines
        case .noSpace(let host, let directory, let needed):
            "\(host): no space left on the disk of \(directory): needs \((needed + 999_999) / 1_000_000) MB"
        case .uploadFailed(let host, let reason):
            "\(host): the enforcer could not be installed: \(reason)"
        case .enforcerNotExecutable(let host, let path):
            "\(host): \(path) is installed but may not be executed"
        case .enforcerUnusable(let file, let reason):
            "\(file): \(reason)"
        case .startFailed(let host, let status, let output):
            "\(host): the enforcer did not start (\(status.map { "\($0)" } ?? "no exit status"))" + output.asQuotedLines
        case .unsupportedArchitecture(let host, let machine):
            "\(host): there is no enforcer for its processor (\(machine))"
        case .lineTooLong(let host, let limit):
            "\(host): a line of the enforcer is longer than \(limit) bytes"
        }
    }

    /// What to do next, as one or two sentences.
    public var remedy: String {
        switch self {
        case .configuration(let host, _):
            "Try `ssh -G \(host)`, and correct ~/.ssh/config or the entry in hosts.conf."
        case .nameNotFound(let host, _):
            "Check the spelling, the network and DNS (`getent hosts \(host)`), or give the machine an address in hosts.conf."
        case .timedOut:
            "See that the machine is on and that no firewall drops the port. A slow link wants a longer connect timeout."
        case .unreachable:
            "See that the machine is on, that sshd runs there, and that address and port are right."
        case .proxyFailed:
            "Run the command by hand. A jump host must be known and must need no password: log in to it once with ssh first."
        case .handshakeFailed(let host, _):
            "Compare with `ssh -vvv \(host)`; see that an SSH server listens on that port and which algorithms it offers."
        case .hostKeyUnknown(let host, let type, _):
            "Compare it with `ssh-keygen -lf /etc/ssh/ssh_host_\(type.hostKeyFileName)_key.pub` at the machine's console. Then answer yes, "
                + "log in once with `ssh \(host)`, or pin the key in hosts.conf."
        case .hostKeyChanged(let host, _, let expected):
            "Do not go on before you know why. If the machine was installed anew, compare the fingerprint at its console, then "
                + (expected.contains { $0.source == HostKeys.pinned }
                    ? "replace the pinned key in hosts.conf."
                    : "remove the old key with `ssh-keygen -R \(host)` and connect again.")
        case .hostKeyRevoked:
            "Do not connect. Give the machine a new host key, or remove the line once you know that it is wrong."
        case .hostKeyNotSaved(_, let file, _):
            "See who owns \(file), or pin the key in hosts.conf."
        case .hostKeyMalformed:
            "Write it as `ssh-keyscan` prints it, without the host: a type and the key, `ssh-ed25519 AAAA…`."
        case .authenticationFailed(let host, let user, _, _):
            "Try `ssh \(user)@\(host)`; load your key with `ssh-add`, or copy it there with `ssh-copy-id \(user)@\(host)`."
        case .linkLost:
            "Connect again; what was started there goes on."
        case .execRefused:
            "See that the user's authorized_keys and sshd_config allow commands (ForceCommand, restrict, MaxSessions)."
        case .channelClosed:
            "See what the command printed."
        case .notRoot:
            "Log in as root, or say in hosts.conf how to become root: sudo or doas."
        case .becomeMissing(_, let command):
            "Install it as root (`apt install \(command == .doas ? "doas" : "sudo")`), log in as root, or say another way in hosts.conf."
        case .becomeRefused(_, let user, .doas):
            "As root, add this line to /etc/doas.conf: `permit persist \(user) as root`"
        case .becomeRefused(_, let user, _):
            "As root, add this line with `visudo -f /etc/sudoers.d/\(user)`: `\(user) ALL=(root) ALL`"
        case .wrongPassword(_, let user, let command):
            "\(command) wants the password of \(user) on that machine. Try `\(command) true` there."
        case .becomeFailed(_, let command, _):
            "Log in and try `\(command) true` by hand."
        case .noSpace(_, let directory, _):
            "Free some space there: `df -h \(directory)`, `journalctl --vacuum-size=100M`, `apt clean`."
        case .uploadFailed:
            "Try again. If it fails again, look at the disk and at the machine's kernel log."
        case .enforcerNotExecutable:
            "See whether its file system is mounted noexec (`findmnt -T /var/lib`), and mount it with exec."
        case .enforcerUnusable:
            "Build it again."
        case .startFailed:
            "Log in and run the command by hand to see what it says."
        case .unsupportedArchitecture:
            "Propel runs on x86_64 and aarch64."
        case .lineTooLong:
            "The two halves of Propel do not understand each other: build again, and report it if it stays."
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
    /// Output of a program under a message: indented, without what a terminal would take for a command.
    fileprivate var asQuotedLines: String {
        split(whereSeparator: \.isNewline).suffix(20)
            .map {
                "\n  "
                    + $0.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.reduce(into: "") {
                        $0.unicodeScalars.append($1)
                    }
            }
            .joined()
    }

    fileprivate var hostKeyFileName: String {
        self == "ssh-ed25519" ? "ed25519" : hasPrefix("ecdsa") ? "ecdsa" : "rsa"
    }
}
