import Vocabulary
/// Why a sandbox could not be made, found or taken away, in words for the person who asked for it.
public enum SandboxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Names are 1 to 40 characters of `a`–`z`, `0`–`9` and `-`, with a letter or digit at both ends.
    case invalidName(String)
    /// No sandbox has this name; `existing` are the names that there are.
    case unknown(String, existing: [String])
    /// The sandbox exists with another release than the one asked for.
    case otherSuite(String, is: DebianRelease, wanted: DebianRelease)
    /// The caller is not root.
    case needsRoot
    /// Debian packages that this machine lacks.
    case missingPackages([String])
    /// apt's configuration on this machine names no Debian mirror that a sandbox could use.
    case noMirror
    /// All 253 addresses of the sandbox network are taken.
    case networkFull
    /// Every network 10.77.x.0/24 is in use by something else.
    case noFreeNetwork
    /// The machine did not answer on its ssh port; `console` holds the last lines that it printed.
    case didNotBoot(String, reason: String, console: String)
    /// A file of the sandbox is damaged or cannot be read or written.
    case file(String, reason: String)
    /// A command on this machine failed.
    case commandFailed(String, status: String, output: String)

    public var description: String {
        switch self {
        case .invalidName(let name):
            """
            \(name.isEmpty ? "An empty string" : "'\(name)'") cannot name a sandbox: use 1 to 40 of the characters \
            a-z, 0-9 and '-', with a letter or digit first and last.
            """
        case .unknown(let name, let existing):
            existing.isEmpty
                ? "There is no sandbox '\(name)', nor any other. Make it with: propel sandbox up \(name)"
                : "There is no sandbox '\(name)'. There are: \(existing.joined(separator: ", "))."
        case .otherSuite(let name, let present, let wanted):
            """
            The sandbox '\(name)' is a Debian \(present.rawValue), not \(wanted.rawValue). Take another name, or start \
            afresh with: propel sandbox down \(name)
            """
        case .needsRoot:
            "Sandboxes are booted with systemd-nspawn, which needs root. Run the command as root (sudo)."
        case .missingPackages(let packages):
            """
            Sandboxes need packages that are not installed here. Install them with: \
            sudo apt-get install -y \(packages.joined(separator: " "))
            """
        case .noMirror:
            """
            Neither /etc/apt/sources.list nor /etc/apt/sources.list.d names a Debian mirror (http or https), so no Debian \
            can be installed into a sandbox. Add the mirror that this machine should use.
            """
        case .networkFull:
            "All 253 addresses of the sandbox network are taken. Take a sandbox away with: propel sandbox down NAME"
        case .noFreeNetwork:
            "Every network from 10.77.0.0/24 to 10.77.255.0/24 is in use on this machine; sandboxes need a free one."
        case .didNotBoot(let name, let reason, let console):
            "The sandbox '\(name)' did not come up: \(reason).\(console.isEmpty ? "" : " Its console said last:\n\(console)")"
        case .file(let path, let reason):
            "\(path): \(reason)"
        case .commandFailed(let command, let status, let output):
            "\(command) failed (\(status))\(output.isEmpty ? "." : ":\n\(output)")"
        }
    }
}
