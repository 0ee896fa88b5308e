import Testing

@testable import HostsConf

/// The builders of enforcers for other architectures.
@Suite struct BuilderTests {
    @Test(arguments: [
        "[fleet]\nsdks = { aarch64 = \"debian12-aarch64\" }\n", "[fleet.sdks]\naarch64 = \"debian12-aarch64\"\n",
        "[fleet]\nsdks.aarch64 = \"debian12-aarch64\"\n",
    ])
    func `an SDK is named in any way of TOML`(_ text: String) throws {
        let conf = try parse(text + "[big]\nrole = \"open\"\n")
        #expect(conf.builders == [.aarch64: .sdk("debian12-aarch64")])
        #expect(conf.hosts.map(\.entry.name) == ["big"])
    }

    @Test func `a host can build`() throws {
        let conf = try parse(
            "[fleet]\nbuild-hosts = { aarch64 = \"big\" }\nsdks = { x86_64 = \"x86_64-swift-linux-musl\" "
                + "}\n[big]\nrole = \"open\"\n"
        )
        #expect(conf.builders == [.aarch64: .host("big"), .x86_64: .sdk("x86_64-swift-linux-musl")])
    }

    @Test func `no builder is the default`() throws { #expect(try parse("[big]\nrole = \"open\"\n").builders.isEmpty) }

    @Test(arguments: [
        Refusal(
            #"sdks = "debian12""#,
            #"hosts.conf:2: sdks is "debian12", but must be a table: sdks = { aarch64 = "…" }"#),
        Refusal(
            #"sdks = { arm64 = "x" }"#,
            "hosts.conf:2: unknown architecture “arm64” in sdks: use aarch64 or x86_64"),
        Refusal("sdks = { aarch64 = 1 }", #"hosts.conf:2: aarch64 is 1, but must be a string: aarch64 = "1""#),
        Refusal(#"sdks = { aarch64 = "" }"#, "hosts.conf:2: invalid SDK “”: it is empty"),
        Refusal(#"sdks = { aarch64 = "--help" }"#, "hosts.conf:2: invalid SDK “--help”: it begins with “-”"),
        Refusal(#"sdks = { aarch64 = "../x" }"#, "hosts.conf:2: invalid SDK “../x”: it begins with “.”"),
        Refusal(
            #"sdks = { aarch64 = "a/b" }"#,
            "hosts.conf:2: invalid SDK “a/b”: use letters, digits, “.”, “_”, “+” and “-” (`swift sdk list` prints "
                + "the ids)"
        ),
        Refusal(
            #"build-hosts = { aarch64 = "bog" }"#,
            "hosts.conf:2: build-hosts names the unknown host “bog”: did you mean “big”?"),
        Refusal(
            "sdks.aarch64 = 'x'\nbuild-hosts.aarch64 = 'big'",
            "hosts.conf:3: aarch64 already has an SDK in line 2: keep one of the two"),
    ])
    func `problems are reported`(_ refusal: Refusal) {
        #expect(problems(in: "[fleet]\n\(refusal.text)\n[big]\nrole = \"open\"\n") == refusal.errors)
    }

    @Test func `a machine has a known architecture`() throws {
        #expect(try parse("[big]\nrole = \"open\"\narchitecture = \"aarch64\"\n").hosts[0].architecture == .aarch64)
        #expect(
            problems(in: "[big]\nrole = \"open\"\narchitecture = \"arm64\"\n") == [
                #"hosts.conf:3: unknown architecture “arm64”: use "x86_64" or "aarch64""#
            ])
        #expect(
            problems(in: "[box]\nrole = \"open\"\nsandbox = true\narchitecture = \"x86_64\"\n") == [
                "hosts.conf:4: architecture is not for a sandbox: remove it, or sandbox = true"
            ])
    }
}
