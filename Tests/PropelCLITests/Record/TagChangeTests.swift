import Foundation
import Propel
import Testing

@testable import PropelCLI

@Suite struct TagChangeTests {
    private let folder: PackageFolder

    init() throws {
        folder = try PackageFolder()
        try folder.write("[a]\nrole = \"r\"\ntag = \"v1\"  # ours\nsandbox = true\n", "hosts.conf")
    }

    private var text: String {
        get throws { try String(contentsOf: folder.root.appending(path: "hosts.conf"), encoding: .utf8) }
    }

    /// Gives the host the tag v2, changes the file, and takes the tag back.
    private func takeBack(after edit: (String) -> String) async throws -> String {
        try await Fleet.$current.withValue(Fleet(Role("r", runs: Debian.self) { _ in })) {
            let change = try await TagChange(
                TagSetting("v2"), of: "a", in: Checkout(root: folder.root), isForGit: false)
            #expect(try text.contains("tag = \"v2\"  # ours"))
            try folder.write(edit(try text), "hosts.conf")
            try await change.takeBack(since: "did not get there")
            return try text
        }
    }

    @Test func `the file is as it was`() async throws {
        let before = try text
        #expect(try await takeBack { $0 } == before)
    }

    @Test func `edits during the run stay`() async throws {
        let before = try text
        let other = "[b]\nrole = \"r\"\n"
        #expect(try await takeBack { $0 + other } == before + other)
    }

    @Test func `a tag that was chosen during the run stays`() async throws {
        #expect(try await takeBack { $0.replacing("v2", with: "v3") }.contains("tag = \"v3\""))
    }

    @Test func `the tag of a stack is changed and taken back`() async throws {
        let before = try text
        try await Fleet.$current.withValue(Fleet(Role("r", runs: Debian.self) { _ in })) {
            let change = try await TagChange(
                TagSetting("v2", ofStack: "shop"), of: "a", in: Checkout(root: folder.root), isForGit: false)
            #expect(try text == before + "tags = { shop = \"v2\" }\n")
            try await change.takeBack(since: "did not get there")
        }
        #expect(try text == before)
    }

    /// What became of a host, and why its new tag is taken back.
    private struct End: Sendable {
        var result = Outcome.Result.interrupted
        var isRolledBack = false, hasBegun = true, goesBack = false, isTogether = false, hasStacks = true
        var reason: String?
    }

    @Test(arguments: [
        End(result: .converged), End(result: .failed), End(), End(goesBack: true, isTogether: true, hasStacks: false),
        End(isRolledBack: true, reason: "failed its health check there"),
        End(isRolledBack: true, isTogether: true, reason: "was put back there"),
        End(goesBack: true, isTogether: true, reason: "was not followed to its end, and goes back there"),
        End(hasBegun: false, reason: "did not get there"),
    ]) private func `hosts.conf has the tag that runs there`(_ end: End) {
        var outcome = Outcome(notTried: "a")
        (outcome.result, outcome.isRolledBack) = (end.result, end.isRolledBack)
        (outcome.hasBegun, outcome.goesBack) = (end.hasBegun, end.goesBack)
        let reason = Deployment.reasonToTakeBack(
            after: [outcome], isTogether: end.isTogether, hasStacks: end.hasStacks)
        #expect(reason == end.reason)
    }

    @Test(
        arguments: [("v2", nil, "v2"), ("shop=v2", "shop", "v2"), ("shop=a=b", "shop", "a=b")]
            as [(String, String?, String)])
    func `a tag on the command line`(_ argument: String, _ stack: String?, _ tag: String) {
        #expect(TagSetting(argument: argument) == TagSetting(tag, ofStack: stack))
        #expect(TagSetting(argument: argument)?.description == argument)
    }

    @Test(arguments: ["", "shop=", "=v2"]) func `an empty tag is refused`(_ argument: String) {
        #expect(TagSetting(argument: argument) == nil)
    }
}
