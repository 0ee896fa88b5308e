import CSSH
import Foundation

/// A line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
///
/// libssh would skip lines with a marker, split at spaces only, and take a name that a line excludes with `!` for one
/// that it lists.
struct KnownHostsLine {
    enum Marker: Equatable { case authority, revoked }

    let marker: Marker?
    /// The type of the key and the key in base64.
    let key: String
    private let names: Substring

    /// - Returns: nil for a comment, and for a line that OpenSSH would skip too.
    init?(_ bytes: some Sequence<UInt8>) {
        var fields = Substring(decoding: Array(bytes), as: UTF8.self).utf8
            .split { [0x20, 0x09, 0x0D].contains($0) }.map { Substring($0) }[...]
        guard let first = fields.first, !first.begins(with: "#") else { return nil }
        switch first {
        case "@cert-authority": marker = .authority
        case "@revoked": marker = .revoked
        case _ where first.hasPrefix("@"): return nil
        default: marker = nil
        }
        if marker != nil { fields = fields.dropFirst() }
        guard fields.count >= 3, let names = fields.popFirst() else { return nil }
        self.names = names
        key = fields.prefix(2).joined(separator: " ")
    }

    /// Whether the line is about the host of this name: `box`, `[box]:2222`.
    func matches(_ name: String) -> Bool {
        if names.hasPrefix("|") { return matchesHash(of: name) }
        return Self.list(names, matches: name.lowercased())
    }

    /// A list of patterns, as `match_pattern_list` of OpenSSH reads it: one with `!` outweighs all others.
    static func list(_ patterns: some StringProtocol, matches name: String) -> Bool {
        var isListed = false
        for pattern in patterns.lowercased().split(separator: ",") {
            guard pattern.hasPrefix("!") else {
                isListed = isListed || matches(Array(pattern.utf8)[...], Array(name.utf8)[...])
                continue
            }
            if matches(Array(pattern.utf8.dropFirst())[...], Array(name.utf8)[...]) { return false }
        }
        return isListed
    }

    /// A pattern with `*` and `?`, in time that is the product of both lengths at most.
    static func matches(_ pattern: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern, name = name
        // Where to go on if what follows the last `*` does not match: one byte later.
        var retry: (pattern: ArraySlice<UInt8>, name: ArraySlice<UInt8>)?
        while let byte = name.first {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                retry = (pattern, name)
            } else if let wanted = pattern.first, wanted == byte || wanted == UInt8(ascii: "?") {
                (pattern, name) = (pattern.dropFirst(), name.dropFirst())
            } else if let last = retry {
                (pattern, name) = (last.pattern, last.name.dropFirst())
                retry = (pattern, name)
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }

    /// libssh computes the HMAC of a hashed name.
    private func matchesHash(of name: String) -> Bool {
        var entry: UnsafeMutablePointer<ssh_knownhosts_entry>?
        guard ssh_known_hosts_parse_line(name.lowercased(), "\(names) \(key)", &entry) == SSH_OK, let entry else {
            return false
        }
        ssh_knownhosts_entry_free(entry)
        return true
    }
}
