import Testing

@testable import HostsConf

/// Whose data a host gets a copy of.
@Suite struct Origins {
    @Test func itIsAnotherHost() throws {
        let conf = try parse("[a]\nrole = \"open\"\n[b]\nrole = \"open\"\nfrom = \"a\"\n")
        #expect(conf.hosts.map(\.entry.from) == [nil, "a"])
        #expect(conf.hosts[1].entry.keys.isEmpty)
    }

    @Test(arguments: [
        Refusal(#"from = "shpo""#, #"hosts.conf:4: from names an unknown host "shpo"; did you mean "shop"?"#),
        Refusal(#"from = "copy""#, #"hosts.conf:4: from "copy" is this host itself"#),
        Refusal(#"from = """#, "hosts.conf:4: from is empty"),
        Refusal("from = 1", "hosts.conf:4: from must be a string, in quotes, not a whole number"),
    ])
    func whatIsWrongIsTold(_ refusal: Refusal) {
        #expect(problems(in: "[copy]\nrole = \"open\"\n\n\(refusal.text)\n[shop]\nrole = \"open\"\n") == refusal.errors)
    }
}
