import Foundation
import PlainText
import Vocabulary

/// A sandbox that could not be made, found or removed. Its description says what to do.
public enum SandboxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Names are 1 to 40 characters of `a`–`z`, `0`–`9` and `-`, with a letter or digit at both ends.
    case invalidName(String)
    /// No sandbox has this name.
    /// - Parameter existing: The names of all sandboxes.
    case unknown(String, existing: [String])
    /// The sandbox exists with another release.
    case otherSuite(String, is: DebianRelease, wanted: DebianRelease)
    /// The caller is not root.
    case needsRoot
    /// Debian packages are missing on this computer.
    case missingPackages([String])
    /// The apt sources of this computer have no mirror that a sandbox could use.
    case noMirror
    /// All 253 addresses of the sandbox network are in use.
    case networkFull
    /// All networks 10.77.x.0/24 are in use by something else.
    case noFreeNetwork
    /// The sandbox did not answer on its ssh port.
    /// - Parameter console: The last lines of its console.
    case didNotBoot(String, reason: String, console: String)
    /// A file of the sandbox is damaged, or cannot be read or written.
    case file(String, reason: String)
    /// A command on this computer failed.
    case commandFailed(String, status: String, output: String)

    /// The error of the last system call, which was about a file.
    static func systemCall(on path: String) -> SandboxError { .file(path, reason: String(cString: strerror(errno))) }

    public var description: String {
        switch self {
        case .invalidName(let name):
            """
            invalid sandbox name “\(name.escaped)”: use 1 to 40 lowercase letters, digits and “-”, with a letter or \
            digit at both ends
            """
        case .unknown(let name, let existing):
            existing.isEmpty
                ? "no sandbox “\(name)”, and no other: make it with propel sandbox up \(name)"
                : "no sandbox “\(name)”: the sandboxes are \(existing.joined(separator: ", "))"
        case .otherSuite(let name, let present, let wanted):
            """
            sandbox “\(name)” runs Debian \(present.rawValue), not \(wanted.rawValue): use another name, or remove it \
            with propel sandbox down \(name)
            """
        case .needsRoot:
            """
            sandboxes need root, since systemd-nspawn boots them: run propel with sudo
            Without root: give the host in hosts.conf the address of another machine, and remove sandbox = true.
            """
        case .missingPackages(let packages):
            """
            sandboxes need packages that are not installed here: run \
            sudo apt-get install -y \(packages.joined(separator: " "))
            """
        case .noMirror:
            """
            no Debian mirror (http or https) in /etc/apt/sources.list or /etc/apt/sources.list.d to install a sandbox \
            from: add one there
            """
        case .networkFull:
            "all 253 addresses of the sandbox network are in use: remove a sandbox with propel sandbox down NAME"
        case .noFreeNetwork:
            "all networks from 10.77.0.0/24 to 10.77.255.0/24 are in use on this computer: free one for the sandboxes"
        case .didNotBoot(let name, let reason, let console):
            "sandbox “\(name)” did not boot: \(reason)\(console.isEmpty ? "" : "\nThe end of its console:\n\(console)")"
        case .file(let path, let reason):
            "\(path): \(reason)"
        case .commandFailed(let command, let status, let output):
            "\(command) failed (\(status))\(output.isEmpty ? "" : ":\n\(output)")"
        }
    }
}
