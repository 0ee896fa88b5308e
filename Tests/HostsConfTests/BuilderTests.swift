import Testing

@testable import HostsConf

/// What builds the programs for machines with another processor.
@Suite struct Builders {
    @Test(arguments: [
        "[fleet]\nsdks = { aarch64 = \"debian12-aarch64\" }\n", "[fleet.sdks]\naarch64 = \"debian12-aarch64\"\n",
        "[fleet]\nsdks.aarch64 = \"debian12-aarch64\"\n",
    ])
    func anSDKIsNamedInAnyWayOfTOML(_ text: String) throws {
        let conf = try parse(text + "[big]\nrole = \"open\"\n")
        #expect(conf.builders == [.aarch64: .sdk("debian12-aarch64")])
        #expect(conf.hosts.map(\.entry.name) == ["big"])
    }

    @Test func aHostBuilds() throws {
        let conf = try parse(
            "[fleet]\nbuild-hosts = { aarch64 = \"big\" }\nsdks = { x86_64 = \"x86_64-swift-linux-musl\" }\n[big]\nrole = \"open\"\n"
        )
        #expect(conf.builders == [.aarch64: .host("big"), .x86_64: .sdk("x86_64-swift-linux-musl")])
    }

    @Test func noneIsTheDefault() throws { #expect(try parse("[big]\nrole = \"open\"\n").builders.isEmpty) }

    @Test(arguments: [
        Refusal(
            #"sdks = "debian12""#,
            #"hosts.conf:2: sdks must be a table of ids of Swift SDKs, such as sdks = { aarch64 = "…" }, not a string"#),
        Refusal(
            #"sdks = { arm64 = "x" }"#,
            #"hosts.conf:2: unknown processor "arm64" in sdks; the processors are: aarch64, x86_64"#),
        Refusal("sdks = { aarch64 = 1 }", "hosts.conf:2: aarch64 must be a string, in quotes, not a whole number"),
        Refusal(#"sdks = { aarch64 = "" }"#, #"hosts.conf:2: the SDK "" is empty"#),
        Refusal(#"sdks = { aarch64 = "--help" }"#, #"hosts.conf:2: the SDK "--help" begins with -"#),
        Refusal(#"sdks = { aarch64 = "../x" }"#, #"hosts.conf:2: the SDK "../x" begins with ."#),
        Refusal(
            #"sdks = { aarch64 = "a/b" }"#,
            #"hosts.conf:2: the SDK "a/b" has other characters than letters, digits and . _ + -; `swift sdk list` prints the ids"#
        ),
        Refusal(
            #"build-hosts = { aarch64 = "bog" }"#,
            #"hosts.conf:2: build-hosts names an unknown host "bog"; did you mean "big"?"#),
        Refusal(
            "sdks.aarch64 = 'x'\nbuild-hosts.aarch64 = 'big'",
            "hosts.conf:3: aarch64 has an SDK already, which builds for it here; keep one of the two"),
    ])
    func whatIsWrongIsTold(_ refusal: Refusal) {
        #expect(problems(in: "[fleet]\n\(refusal.text)\n[big]\nrole = \"open\"\n") == refusal.errors)
    }

    @Test func aMachineHasAKnownProcessor() throws {
        #expect(try parse("[big]\nrole = \"open\"\narchitecture = \"aarch64\"\n").hosts[0].architecture == .aarch64)
        #expect(
            problems(in: "[big]\nrole = \"open\"\narchitecture = \"arm64\"\n").first?.hasPrefix(
                #"hosts.conf:3: architecture must be "x86_64" or "aarch64", not "arm64""#) == true)
        #expect(
            problems(in: "[box]\nrole = \"open\"\nsandbox = true\narchitecture = \"x86_64\"\n") == [
                "hosts.conf:4: a sandbox settles its architecture itself; leave out architecture, or sandbox = true"
            ])
    }
}
