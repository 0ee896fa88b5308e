import Foundation

/// What may stand in the values that reach ssh.
///
/// They end as arguments of `ssh` and, through `ProxyJump`, in a command that a shell reads (CVE-2023-51385). So they are
/// checked against what they may hold, not against what they must not.
enum ConnectionSyntax {
    /// Why `name` cannot be a host name or an address; nil where it can.
    static func problem(inHost name: String, allowing extra: String = "") -> String? {
        if name.isEmpty { return "is empty" }
        if name.hasPrefix("-") { return "begins with a dash, which ssh would take for an option" }
        if name.count > 253 { return "is longer than 253 characters" }
        return foreignCharacter(in: name, allowed: "._:-" + extra).map {
            "contains \($0); a host name has letters, digits, \".\", \"-\", \"_\" and \":\""
        }
    }

    static func problem(inUser name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if name.hasPrefix("-") { return "begins with a dash, which ssh would take for an option" }
        return foreignCharacter(in: name, allowed: "._-@+\\").map { "contains \($0)" }
    }

    /// `none`, or hops with commas between, each `[user@]host[:port]` or `ssh://…`.
    static func problem(inProxyJump value: String) -> String? {
        for hop in value.split(separator: ",", omittingEmptySubsequences: false) {
            var rest = hop.hasPrefix("ssh://") ? hop.dropFirst(6) : hop
            if let at = rest.lastIndex(of: "@") {
                if let problem = problem(inUser: String(rest[..<at])) { return "has a user that \(problem)" }
                rest = rest[rest.index(after: at)...]
            }
            if let problem = problem(inHost: String(rest), allowing: "[]%") { return "has a host that \(problem)" }
        }
        return nil
    }

    static func problem(inIdentity path: String) -> String? {
        if path.isEmpty { return "is empty" }
        if path.hasPrefix("-") { return "begins with a dash; write ./\(path)" }
        if path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "contains a control character"
        }
        if path.hasSuffix(".pub") { return "is the public half of a key; name the private one" }
        return nil
    }

    private static func foreignCharacter(in text: String, allowed: String) -> String? {
        text.unicodeScalars.first { scalar in
            !(scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)))
                && !allowed.unicodeScalars.contains(scalar)
        }.map { scalar in
            switch scalar {
            case " ": "a space"
            case _ where scalar.properties.generalCategory == .control: "a control character"
            default: "\(String(Character(scalar)).debugDescription)"
            }
        }
    }

    /// A public key as `known_hosts` has it, `type base64 [comment]`: without the comment, or why it is none.
    static func hostKey(_ text: String) -> Result<String, InvalidHostKey> {
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        if text.hasPrefix("SHA256:") || text.hasPrefix("MD5:") {
            return .failure(
                InvalidHostKey(reason: "is a fingerprint; a pin is the whole key, as ssh-keyscan prints it"))
        }
        if text.hasPrefix("@") {
            return .failure(InvalidHostKey(reason: "has a marker; certificate authorities belong in known_hosts"))
        }
        guard let type = fields.first, hostKeyTypes.contains(String(type)) else {
            // A line of known_hosts or ssh-keyscan has the host in front.
            if fields.count > 1, hostKeyTypes.contains(String(fields[1])) {
                return .failure(InvalidHostKey(reason: "begins with the host's name; leave that out"))
            }
            return .failure(
                InvalidHostKey(reason: "does not begin with a type of key (\(hostKeyTypes.joined(separator: ", ")))"))
        }
        // RFC 4253, 6.6: the key names its own type, after its length in four bytes.
        let name = [UInt8](type.utf8)
        guard fields.count > 1, let blob = Data(base64Encoded: String(fields[1])),
            blob.starts(with: [0, 0, 0, UInt8(name.count)] + name), blob.count > 4 + name.count
        else { return .failure(InvalidHostKey(reason: "is no \(type) key; it was cut off or changed")) }
        return .success("\(type) \(fields[1])")
    }

    struct InvalidHostKey: Error { var reason: String }

    /// The host keys of sshd(8), certificates and the withdrawn ssh-dss left out.
    static let hostKeyTypes = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]
}
