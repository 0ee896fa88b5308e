import Testing

@testable import HostsConf

/// The host whose data another one gets.
@Suite struct OriginTests {
    @Test func `the origin is another host`() throws {
        let conf = try parse("[a]\nrole = \"open\"\n[b]\nrole = \"open\"\nfrom = \"a\"\n")
        #expect(conf.hosts.map(\.entry.from) == [nil, "a"])
        #expect(conf.hosts[1].entry.keys.isEmpty)
    }

    @Test(arguments: [
        Refusal(#"from = "shpo""#, "hosts.conf:4: from names the unknown host “shpo”: did you mean “shop”?"),
        Refusal(#"from = "copy""#, "hosts.conf:4: from names its own host “copy”: name the host whose data it gets"),
        Refusal(#"from = """#, "hosts.conf:4: from is empty: give it a value or remove it"),
        Refusal("from = 1", #"hosts.conf:4: from is 1, but must be a string: from = "1""#),
    ])
    func `problems are reported`(_ refusal: Refusal) {
        #expect(problems(in: "[copy]\nrole = \"open\"\n\n\(refusal.text)\n[shop]\nrole = \"open\"\n") == refusal.errors)
    }
}
