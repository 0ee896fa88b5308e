import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// A stack that needs more networks than docker has addresses for.
@Suite(.recorded) struct AddressPoolsTests {
    private func blocks(_ texts: String...) -> [IPNetwork] { texts.compactMap { IPNetwork(block: $0) } }

    @Test func `networks are counted by their addresses`() {
        #expect(AddressPools.usual.room(beside: []) == 31)
        #expect(AddressPools.usual.room(beside: blocks("172.17.0.0/16", "10.0.0.0/24", "2001:db8::/64")) == 30)
        #expect(AddressPools.usual.room(beside: blocks("192.168.0.0/24", "192.168.1.0/24")) == 30)
        #expect(AddressPools.usual.room(beside: blocks("192.168.0.0/16", "172.16.0.0/12")) == 0)
        #expect(AddressPools.usual.room(beside: blocks("172.20.0.0/15")) == 29)
    }

    @Test(arguments: ["", "{", "{}", #"{"default-address-pools": []}"#])
    func `without pools in daemon.json docker has its usual ones`(_ settings: String) throws {
        let fake = FakeMachine()
        #expect(try AddressPools.read(from: fake.machine) == .usual)
        fake.files.put("/etc/docker/daemon.json", settings)
        #expect(try AddressPools.read(from: fake.machine) == .usual)
    }

    @Test func `a block of addresses begins at its first one`() {
        #expect(IPNetwork(block: "192.0.2.0/24") != nil && IPNetwork(block: "2001:db8::/32") != nil)
        for text in [
            "192.0.2.1/24", "192.0.2.0", "192.0.2.0/33", "192.0.2.0/0", "192.0.2.0/+8", "x/8", "192.0.2.0/24/1",
        ] {
            #expect(IPNetwork(block: text) == nil, "\(text)")
        }
        #expect(IPNetwork(block: "192.0.2.128/25")?.contains(address: "192.0.2.200") == true)
        #expect(IPNetwork(block: "192.0.2.128/25")?.contains(address: "192.0.2.100") == false)
        #expect(IPNetwork(block: "192.0.2.0/24")?.contains(address: "2001:db8::1") == false)
    }

    @Test func `a stack for which there is no room is refused in the plan`() async throws {
        let fake = FakeMachine(), docker = FakeDocker(on: fake)
        func stack(_ layout: Stack.Networks) -> Stack {
            Stack("s", networks: layout) {
                Container("web", image: "i") { for name in ["a", "b", "c"] { DependsOn(name) } }
                for name in ["a", "b", "c"] { Container(name, image: "i") }
            }
        }
        fake.files.put("/etc/docker/daemon.json", #"{"default-address-pools": [{"base": "10.1.0.0/22", "size": 24}]}"#)
        docker.state.withLock { $0.networks["bridge"] = "10.1.0.0/24" }
        if case .unmet = try await fake.check(StackDeployment(stack: stack(.byDependency))) {
        } else {
            Issue.record("three networks fit")
        }
        docker.state.withLock { $0.networks["other"] = "10.1.1.0/24" }
        await #expect {
            try await fake.check(StackDeployment(stack: stack(.byDependency)))
        } throws: { error in
            (error as? Failure)?.message == "s needs 3 more networks, and docker has addresses for 2 more"
        }
        if case .unmet = try await fake.check(StackDeployment(stack: stack(.shared))) {
        } else {
            Issue.record("one network fits")
        }
        // Those that are there need no room.
        docker.state.withLock { $0.networks["s_a"] = "10.1.2.0/24" }
        docker.state.withLock { $0.networks["s_b"] = "10.1.3.0/24" }
        docker.state.withLock { $0.networks["other"] = nil }
        if case .unmet = try await fake.check(StackDeployment(stack: stack(.byDependency))) {
        } else {
            Issue.record("one more fits")
        }
    }
}
