import PropelTesting
import RecordedOperations
import Synchronization
import Testing

@testable import Propel

@Suite(.recorded) struct RoleDifferenceTests {
    /// A role whose motd is what `text` returns, among other properties.
    private func fleet(_ text: @escaping @Sendable () -> String, andMore: Bool = false) -> Fleet {
        Fleet(
            Role("web", runs: Debian.self) { _ in
                Flag("first")
                Flag("motd", claims: [Claim("the path /etc/motd", is: text())])
                if andMore { Flag("more") }
            })
    }

    private let entry = HostEntry(name: "web1", role: "web")
    private let fake = FakeMachine()

    private func host(_ fleet: Fleet) throws -> Host { try #require(fleet.roles.first).host(for: entry) }

    /// Returns the words of the laptop when the enforcer with `there` gets the request of `here`.
    private func refusal(_ here: Fleet, _ there: Fleet) async throws -> Failure? {
        let host = try host(here)
        let line = Request(entry: entry, deployer: "anna", stepHashes: host.stepHashes).json.description
        let request = try Request(JSON(parsing: line))
        do {
            _ = try await there.host(for: request, on: fake.machine)
            return nil
        } catch let failure as Failure {
            let event = try Event(JSON(parsing: Event.refused(failure).json.description))
            guard case .refused(let explained) = event.explained(by: host) else { return nil }
            return explained
        }
    }

    @Test func `the same role is accepted`() async throws {
        #expect(try await refusal(fleet { "x" }, fleet { "x" }) == nil)
    }

    @Test func `a role that depends on where it is evaluated is refused with what each side sees`() async throws {
        let failure = try #require(try await refusal(fleet { "x" }, fleet { "y" }))
        #expect(
            failure.message == """
                the role describes something else on the machine than on this computer
                “motd”, the path /etc/motd
                on this computer: x
                on the machine: y
                """)
        #expect(failure.advice?.contains("environment variable, clock, file or random number") == true)
        #expect(failure.advice?.contains("Nothing was changed") == true)
    }

    @Test func `a property that only one side has is named`() async throws {
        let failure = try #require(try await refusal(fleet { "x" }, fleet({ "x" }, andMore: true)))
        #expect(
            failure.message.contains("on this computer, property 3 is missing\non the machine, property 3 is “more”"))
        let other = try #require(try await refusal(fleet({ "x" }, andMore: true), fleet { "x" }))
        #expect(other.message.contains("on this computer, property 3 is “more”\non the machine, property 3 is missing"))
    }

    @Test func `the machine names the property by itself`() async throws {
        let hashes = try host(fleet { "x" }).stepHashes
        let request = Request(entry: entry, deployer: "anna", stepHashes: hashes)
        let there = fleet { "y" }, machine = fake.machine
        let failure = await #expect(throws: Failure.self) { _ = try await there.host(for: request, on: machine) }
        #expect(failure?.message.contains("the role web describes something else on this machine") == true)
        #expect(failure?.message.contains("first at “motd”") == true)
    }

    @Test func `a request without hashes is not compared`() async throws {
        let request = Request(entry: entry, deployer: "anna")
        #expect(try await fleet { "y" }.host(for: request, on: fake.machine).steps.count == 2)
    }

    @Test func `a role that describes something else each time is found on one computer`() throws {
        let count = Mutex(0)
        let role = fleet {
            count.withLock { count in
                count += 1
                return "\(count)"
            }
        }
        let failure = try #require(Failure.ofUnstableRole(try host(role), try host(role)))
        #expect(failure.message.hasSuffix("“motd”, the path /etc/motd\nat first: 1\nthen: 2"), "\(failure.message)")
        let stable = fleet { "x" }
        #expect(Failure.ofUnstableRole(try host(stable), try host(stable)) == nil)
    }

    /// A hostile host may send anything.
    @Test func `what the machine sends is shown on one line of a limited length`() throws {
        let outline = StepOutline(
            path: "motd",
            parts: [.init(label: "the path /etc/motd", value: "a\nb" + String(repeating: "x", count: 9999))])
        var failure = Failure("refused")
        failure.difference = RoleDifference(index: 1, outline: outline)
        let lines = failure.explained(by: try host(fleet { "x" })).message.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0.count < 500 })
        for index in [2, RoleDifference.maximumIndex] {
            failure.difference = RoleDifference(index: index, outline: outline)
            #expect(failure.explained(by: try host(fleet { "x" })).message.contains("is missing"))
        }
        for index in [-1, Int.max] {
            failure.difference = RoleDifference(index: index, outline: outline)
            #expect(throws: MalformedMessage.self) { try Event(Event.refused(failure).json) }
        }
    }
}
