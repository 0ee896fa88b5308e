import Testing

@testable import PropelCLI

/// What a deployment has read is what git records, or nothing is deployed.
@Suite struct ConfigurationStateTests {
    private let folder: PackageFolder
    private let checkout: Checkout

    init() throws {
        folder = try PackageFolder()
        try folder.write("", "hosts.conf")
        let freshness = Freshness(root: folder.root), sources = freshness.sources()
        try freshness.remember(sources)
        checkout = Checkout(root: folder.root, openedSources: sources)
    }

    @Test func `an unchanged configuration is deployed`() throws {
        try ConfigurationState(of: checkout).refuseIfChanged()
    }

    @Test(arguments: ["Sources/Hosts/Fleet.swift", "Sources/Hosts/New.swift", "Package.swift", "hosts.conf"])
    func `an edit during the run is refused`(_ name: String) throws {
        let state = ConfigurationState(of: checkout)
        try folder.write("# another", name)
        #expect(throws: UsageError.self) { try state.refuseIfChanged() }
    }

    @Test func `a state that was read a moment ago is not compared again`() throws {
        let state = ConfigurationState(of: checkout)
        try folder.write("# another", "hosts.conf")
        try state.refuseIfChangedMeanwhile(now: .now)
        #expect(throws: UsageError.self) { try state.refuseIfChangedMeanwhile(now: .now + .seconds(1)) }
    }

    @Test func `an edit before that, which this program was not built from, is refused`() throws {
        try folder.write("// another", "Sources/Hosts/Fleet.swift")
        let state = ConfigurationState(of: checkout)
        #expect(throws: UsageError.self) { try state.refuseIfChanged() }
        // Also if another process has built it since.
        let freshness = Freshness(root: folder.root)
        try freshness.remember(freshness.sources())
        #expect(throws: UsageError.self) { try state.refuseIfChanged() }
    }
}
