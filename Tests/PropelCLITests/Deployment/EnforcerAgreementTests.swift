import Examples
import Foundation
import Propel
import Testing

/// The enforcer is linked in another way than `propel`. Both must see the same roles.
@Suite struct EnforcerAgreementTests {
    /// The answer of the enforcer that was built beside these tests, to a request without a question.
    private func answer(to request: Request) throws -> Failure {
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let enforcer = Process(), input = Pipe(), output = Pipe()
        enforcer.executableURL = URL(filePath: tests).deletingLastPathComponent()
            .appending(path: "propel-examples-enforce")
        enforcer.arguments = ["ask", "--mark", "x"]
        enforcer.standardInput = input
        enforcer.standardOutput = output
        try enforcer.run()
        try input.fileHandleForWriting.write(contentsOf: Data((request.json.description + "\n").utf8))
        let lines = try #require(try output.fileHandleForReading.readToEnd()).split(separator: UInt8(ascii: "\n"))
        enforcer.waitUntilExit()
        guard case .refused(let failure) = try Event(JSON(parsing: #require(lines.last))) else {
            throw Failure("the enforcer did not refuse")
        }
        return failure
    }

    private func request(_ role: String) throws -> Request {
        let entry = HostEntry(name: "a.example.com", role: role, tag: "v1")
        let host = try #require(fleet.role(named: role)).host(for: entry)
        return Request(entry: entry, deployer: "anna", stepHashes: host.stepHashes)
    }

    @Test(arguments: ["demo", "web", "shop", "ci", "production"]) func `both see the same role`(role: String) throws {
        let request = try request(role)
        #expect(try #require(request.stepHashes).count > 3)
        let failure = try answer(to: request)
        #expect(failure.difference == nil, "\(failure)")
    }

    @Test func `another role is refused with what the enforcer sees`() throws {
        var request = try request("demo")
        request.stepHashes?[1] = "0000000000000000"
        let difference = try #require(try answer(to: request).difference)
        let host = try #require(fleet.role(named: "demo")).host(for: request.entry)
        #expect(difference.index == 1)
        #expect(difference.outline == host.outlines[1])
    }
}
