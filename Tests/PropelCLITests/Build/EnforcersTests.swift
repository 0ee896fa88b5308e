import SSHTransport
import Testing

@testable import PropelCLI

/// An enforcer that is built during a run is built from the sources that the run began with, or not at all.
@Suite struct EnforcersTests {
    private let scratch: PackageFolder

    init() throws {
        scratch = try PackageFolder()
        // No computer has this SDK: a build that starts fails with its name.
        try scratch.write("[fleet]\nsdks = { x86_64 = \"no-such-sdk\", aarch64 = \"no-such-sdk\" }\n", "hosts.conf")
    }

    private func makeEnforcers() throws -> Enforcers {
        let checkout = Checkout(root: scratch.root)
        return Enforcers(checkout: checkout, conf: try checkout.hostsConf, prompter: TerminalPrompter())
    }

    private func refusal(_ enforcers: Enforcers) async -> String {
        do { return "none: \(try await enforcers.enforcer(for: .foreign) { _ in })" } catch { return "\(error)" }
    }

    @Test func `unchanged sources are built`() async throws {
        let unchanged = await refusal(try makeEnforcers())
        #expect(unchanged.contains("the Swift SDK no-such-sdk is missing"))
    }

    @Test(arguments: ["Sources/Hosts/Fleet.swift", "Sources/Hosts/New.swift", "Package.swift"])
    func `sources that changed during the run are not built`(_ name: String) async throws {
        let enforcers = try makeEnforcers()
        try scratch.write("// another", name)
        let refusal = await refusal(enforcers)
        #expect(refusal.contains("the sources changed during the run"))
        let next = await self.refusal(try makeEnforcers())
        #expect(next.contains("no-such-sdk"), "the next run takes them")
    }

    @Test func `the run begins when the configuration is opened`() async throws {
        let opened = Freshness(root: scratch.root).sources()
        try scratch.write("// another", "Sources/Hosts/Fleet.swift")
        let checkout = Checkout(root: scratch.root, openedSources: opened)
        let enforcers = Enforcers(checkout: checkout, conf: try checkout.hostsConf, prompter: TerminalPrompter())
        #expect(await refusal(enforcers).contains("the sources changed during the run"))
    }
}
