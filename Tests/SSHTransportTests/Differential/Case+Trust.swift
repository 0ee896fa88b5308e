extension CaseGrammar {
    private enum Trust: CaseIterable {
        case plain, hashed, carriageReturns, tabs, comments, pattern, excluded, withoutPort, alias, several, global,
            spaces
        case wrong, wrongAndRight, otherType, revoked, revokedOnly, revokedFile, revocationList, missingRevokedFile
        case authority, authorityPattern, wrongAuthority, revokedAuthority, authorityAndKey, certificateAlias
        case unknown, acceptNew, unchecked, directory, devNull, missingFolder, command, userAuthority
    }

    /// What known_hosts says of the host.
    /// - Returns: the lines of the configuration that belong to it.
    mutating func trust(named host: String, through address: String) throws -> [String] {
        let port = landscape.servers[server]!.port, name = "[\(address)]:\(port)"
        let key = try landscape.key(server, "ed25519"), other = try landscape.key("otherhost")
        let authority = try landscape.key("hostca")
        let file = "\(directory)/known"
        var lines = ["UserKnownHostsFile \(file)"]
        var known = "\(name) \(key)\n"
        // Certificates say nothing about a server that has none.
        let isCertified = server != .plain
        let all = isCertified ? Trust.allCases + Self.certified + Self.certified : Trust.allCases
        // Half of the cases are about the login.
        switch generator.chance(50) ? generator.pick(Self.trusting) : generator.pick(all) {
        case .plain: break
        case .hashed: preparation.append("ssh-keygen -q -H -f known 2>/dev/null; rm known.old")
        case .carriageReturns: known = "# comment\n\(name) \(key)\n".replacing("\n", with: "\r\n")
        case .tabs: known = "\t \(name)\t\(key.replacing(" ", with: "\t"))\tcomment\n"
        case .comments:
            known = "\n# comment\nrubbish\n@unknown * \(other)\n\(name) ssh-new AAAA\nhost,\(name),b \(key) a b"
        case .pattern: known = generator.pick(["*", "[*]:\(port)", "[127.0.0.?]:*,[LOCAL*]:*"]) + " \(key)\n"
        case .excluded: known = "*,!\(name) \(key)\n"
        case .withoutPort: known = "\(address) \(generator.pick([key, key, other]))\n"
        case .alias:
            lines.append("HostKeyAlias Known-As")
            known = generator.pick(["known-as", "Known-As", "known-*", name]) + " \(key)\n"
        case .several:
            files["first"] = generator.pick([
                "", "elsewhere \(other)\n", "\(name) \(try landscape.key(server, "rsa"))\n",
            ])
            lines = ["UserKnownHostsFile \(directory)/first \(file) \(directory)/third"]
        case .global: lines = ["GlobalKnownHostsFile \(directory)/third \(file)"]
        case .spaces:
            preparation.append("mkdir -p 'two words'; mv known 'two words/known hosts'")
            lines = [
                generator.pick([
                    "UserKnownHostsFile \"\(directory)/two words/known hosts\" \(directory)/second",
                    "UserKnownHostsFile \(directory)/second \"\(directory)/two words/known hosts\"",
                    "GlobalKnownHostsFile \"\(directory)/two words/known hosts\"",
                ])
            ]
        case .wrong: known = "\(name) \(other)\n"
        case .wrongAndRight: known = "\(name) \(other)\n" + known
        case .otherType: known = "\(name) \(try landscape.key(.plain, "rsa"))\n"
        case .revoked: known += "@revoked \(generator.pick([name, "*"])) \(key)\n"
        case .revokedOnly: (known, lines) = ("@revoked * \(key)\r\n", lines + ["StrictHostKeyChecking accept-new"])
        case .revokedFile:
            files["revoked"] = generator.pick([key, "\(other)\n\(key) comment", other, authority]) + "\n"
            lines.append("RevokedHostKeys \(directory)/revoked")
        case .revocationList:
            files["keys"] = generator.pick([key, other]) + "\n"
            preparation.append("ssh-keygen -q -k -f revoked keys")
            lines.append("RevokedHostKeys \(directory)/revoked")
        case .missingRevokedFile: lines.append("RevokedHostKeys \(directory)/nowhere")
        case .authority: known = "@cert-authority \(name) \(authority)\n"
        case .authorityPattern: known = "@cert-authority * \(authority)\n"
        case .wrongAuthority: known = "@cert-authority * \(try landscape.key("otherhostca"))\n"
        case .revokedAuthority: known += "@revoked * \(authority)\n@cert-authority * \(authority)\n"
        case .authorityAndKey: known = "@cert-authority * \(authority)\n\(name) \(generator.pick([key, other]))\n"
        case .certificateAlias:
            lines.append("HostKeyAlias \(generator.pick(["box.test", "Box.Test", "x.signed.test", "other"]))")
            known = "@cert-authority \(generator.pick(["*.test", "other,box.test", "*"])) \(authority)\n"
        case .userAuthority: known = "@cert-authority * \(try landscape.key("ca"))\n"
        case .unknown: (known, lines) = ("", lines + generator.pick([[], ["StrictHostKeyChecking yes"]]))
        case .acceptNew: (known, lines) = ("", lines + ["StrictHostKeyChecking accept-new"])
        case .unchecked:
            lines.append("StrictHostKeyChecking \(generator.pick(["no", "off"]))")
            known = generator.pick(["", "\(name) \(other)\n"])
        case .directory:
            preparation.append("rm known; mkdir known")
            lines.append("StrictHostKeyChecking \(generator.pick(["accept-new", "yes"]))")
        case .devNull: lines = ["UserKnownHostsFile /dev/null", "StrictHostKeyChecking accept-new"]
        case .missingFolder: lines = ["UserKnownHostsFile \(directory)/a/b/known", "StrictHostKeyChecking accept-new"]
        case .command:
            known = ""
            lines.append("KnownHostsCommand /bin/echo \(name) \(key)")
        }
        files["known"] = known
        // Certificates for a name that is used.
        if isCertified, generator.chance(50), !lines.contains(where: { $0.hasPrefix("HostKeyAlias") }) {
            lines.append("HostKeyAlias \(host)")
            files["known"] = files["known"]?.replacing(name, with: host)
        }
        return lines
    }

    private static let trusting: [Trust] = [
        .plain, .hashed, .carriageReturns, .tabs, .comments, .pattern, .several, .global, .spaces, .wrongAndRight,
        .acceptNew,
    ]
    private static let certified: [Trust] = [
        .authority, .authorityPattern, .wrongAuthority, .revokedAuthority, .authorityAndKey, .certificateAlias,
    ]
}
