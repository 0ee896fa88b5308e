import Testing

@testable import SSHTransport

/// sshd(8), SSH_KNOWN_HOSTS FILE FORMAT.
@Suite struct KnownHostsLineTests {
    private func matches(_ names: String, _ host: String) -> Bool {
        KnownHostsLine("\(names) ssh-ed25519 AAAA".utf8)?.matches(host) == true
    }

    @Test(arguments: [
        ("box", "box", true), ("BOX", "box", true), ("box", "Box", true), ("a,box,b", "box", true),
        ("bo", "box", false),
        ("*", "box", true), ("b?x", "box", true), ("b*x*", "box", true), ("*.test", "box", false),
        ("*a*b*c", "xaybzc", true), ("*a*b*c", "xaybz", false), ("*,!box", "box", false), ("!box,*", "box", false),
        ("!box", "other", false), ("[box]:22", "box", false), ("[box]:*", "[box]:2222", true),
        ("[a-z]ox", "box", false),
    ]) func `names are patterns`(names: String, host: String, isListed: Bool) {
        #expect(matches(names, host) == isListed)
    }

    @Test func `markers, tabs and comments are read`() {
        let revoked = KnownHostsLine(" @revoked\tbox\tssh-ed25519\tAAAA comment".utf8)
        #expect(revoked?.marker == .revoked && revoked?.key == "ssh-ed25519 AAAA" && revoked?.matches("box") == true)
        #expect(KnownHostsLine("@cert-authority * ssh-ed25519 AAAA".utf8)?.marker == .authority)
        #expect(KnownHostsLine("box ssh-ed25519 AAAA\r".utf8)?.key == "ssh-ed25519 AAAA")
        for line in ["", "# box ssh-ed25519 AAAA", "@new box ssh-ed25519 AAAA", "box ssh-ed25519", "@revoked box AAAA"]
        {
            #expect(KnownHostsLine(line.utf8) == nil, "\(line)")
        }
    }

    @Test func `a pattern of stars takes no longer than its length`() {
        let name = String(repeating: "a", count: 2000)
        #expect(!matches(String(repeating: "*a", count: 1000) + "b", name))
    }
}
