import PropelTesting
import Synchronization
import Testing

@testable import Properties

/// A version that is healthy goes back, since another host that is deployed together with this one has failed.
extension StackRollbackTests {
    private var snapshots: Int { (try? fake.files.list("/srv/shop/good").count) ?? 0 }
    private var former: String? { docker.images["propel.localhost/before:shop.app"] }
    private var good: String? { docker.images["propel.localhost/good:shop.app"] }

    /// Deploys a stack in a run whose changes may have to go back.
    private func deployTogether(_ stack: Stack) async throws {
        fake.machine.isDeployedTogether = true
        defer { fake.machine.isDeployedTogether = false }
        try await fake.obeysLaw(deployment(stack))
    }

    private func retract(_ stack: Stack) async throws -> Failure {
        fake.machine.isDeployedTogether = true
        defer { fake.machine.isDeployedTogether = false }
        return try await deployment(stack).retract(because: "web2 failed", on: fake.machine)
    }

    @Test func `a healthy version goes back to what ran before it`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        let files = fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop/") }.mapValues(\.bytes)
        try await deployTogether(stack(tag: "v2", workers: 8))
        #expect(docker.containers["app"]?.image == "app:v2")
        #expect(snapshots == 2 && former == "sha256:app:v1" && good == "sha256:app:v2")
        let failure = try await retract(stack(tag: "v2", workers: 8))
        #expect(failure.isRolledBack && !failure.isPutBack)
        #expect(failure.message.hasPrefix("put back, since web2 failed; rolled back to the version of "))
        #expect(docker.containers["app"]?.image == "app:v1")
        #expect(fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop/") }.mapValues(\.bytes) == files)
        #expect(snapshots == 1 && former == nil && good == "sha256:app:v1")
        let check = try await fake.check(deployment(stack(tag: "v1")))
        #expect(check == .satisfied)
    }

    @Test func `once all hosts have converged, the version before is forgotten`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        try await deployTogether(stack(tag: "v2"))
        let containers = docker.containers
        try await deployment(stack(tag: "v2")).settle(on: fake.machine)
        #expect(snapshots == 1 && former == nil && good == "sha256:app:v2")
        #expect(docker.containers == containers)
        let check = try await fake.check(deployment(stack(tag: "v2")))
        #expect(check == .satisfied)
        let late = try await retract(stack(tag: "v2"))
        #expect(!late.isRolledBack && late.message.hasPrefix("not put back, although web2 failed"))
    }

    @Test func `what the record has got since stays in it`() async throws {
        let stack = stack(tag: "v2")
        try await fake.obeysLaw(deployment(self.stack(tag: "v1")))
        try await deployTogether(stack)
        _ = try await StackContext(stack, on: fake.machine).record()
        var record = try StackRecord(of: stack, on: fake.machine)
        record.triedFormat = 7
        try record.write(of: stack, on: fake.machine)
        try await deployment(stack).settle(on: fake.machine)
        let settled = try StackRecord(of: stack, on: fake.machine)
        #expect(settled.triedFormat == 7 && settled.before == nil)
    }

    @Test func `an image of the same name gives the name back to the one before`() async throws {
        docker.bring("app:latest", "sha256:one")
        try await fake.obeysLaw(deployment(stack()))
        docker.bring("app:latest", "sha256:two")
        try await deployTogether(stack())
        #expect(docker.containers["app"]?.imageID == "sha256:two")
        let failure = try await retract(stack())
        #expect(failure.isRolledBack, "\(failure)")
        #expect(docker.containers["app"]?.imageID == "sha256:one" && docker.images["app:latest"] == "sha256:one")
        // The plan says that the next run tries it again.
        let check = try await fake.check(deployment(stack()))
        #expect("\(check)".contains("try the newer image app:latest again"))
    }

    @Test func `a first version has nothing to go back to, and says so`() async throws {
        try await deployTogether(stack(tag: "v1"))
        let failure = try await retract(stack(tag: "v1"))
        #expect(!failure.isRolledBack && failure.message == "not put back, although web2 failed")
        #expect(failure.advice?.hasPrefix("There is no previous version to roll back to") == true)
        #expect(docker.containers["app"]?.state == "running")
    }

    @Test func `a version that may have changed the data stays`() async throws {
        let newer = Stack("shop", dataFormat: 2, healthTimeout: .hours(1)) {
            Container("app", image: "app", tag: "v2") { HealthCheck("true") }
        }
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        try await deployTogether(newer)
        let failure = try await retract(newer)
        #expect(!failure.isRolledBack)
        #expect(failure.advice?.hasPrefix("Nothing was rolled back: the data may have format 2") == true)
        #expect(docker.containers["app"]?.image == "app:v2")
        let check = try await fake.check(deployment(newer))
        #expect("\(check)".contains("which is unused") || check == .satisfied)
    }

    /// The run was killed before it was decided.
    @Test func `alone, a version that is not decided stays, and the next run says so`() async throws {
        try await deployTogether(stack(tag: "v1"))
        let containers = docker.containers
        let change = try await fake.obeysLaw(deployment(stack(tag: "v1")))
        #expect(change.reason == "let this version stay: that was not decided yet with the other hosts")
        #expect(docker.containers == containers)
        #expect(
            fake.machine.followUps == [
                "look at why an earlier run was cut off before it was decided about the stack shop: the version of "
                    + "that run stays"
            ])
        let late = try await retract(stack(tag: "v1"))
        #expect(late.message.contains("no longer knows what ran before"), "\(late)")
    }

    /// The other hosts of its wave have gone back, so it does too if that fails again.
    @Test func `together, a version that is not decided goes with the next run`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        try await deployTogether(stack(tag: "v2"))
        for id in ["second", "third"] {
            fake.machine.runID = id
            fake.pass(.seconds(60))
            fake.machine.isDeployedTogether = true
            let change = try await fake.obeysLaw(deployment(stack(tag: "v2")))
            #expect(change.reason == "decide with the other hosts whether this version stays")
            #expect(docker.containers["app"]?.image == "app:v2")
            #expect(snapshots == 2 && former == "sha256:app:v1" && good == "sha256:app:v2")
        }
        #expect(fake.machine.followUps.count == 1 && fake.machine.followUps[0].hasSuffix("it goes with this one"))
        let failure = try await retract(stack(tag: "v2"))
        #expect(failure.isRolledBack, "\(failure)")
        #expect(docker.containers["app"]?.image == "app:v1" && snapshots == 1 && former == nil)
        let check = try await fake.check(deployment(stack(tag: "v1")))
        #expect(check == .satisfied)
    }

    @Test func `another version takes the place of one that is not decided`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        try await deployTogether(stack(tag: "v2"))
        fake.machine.runID = "second"
        try await deployTogether(stack(tag: "v3"))
        #expect(fake.machine.followUps == [] && former == "sha256:app:v2")
        let failure = try await retract(stack(tag: "v3"))
        #expect(failure.isRolledBack && docker.containers["app"]?.image == "app:v2", "\(failure)")
    }

    @Test func `what could not be put back is decided`() async throws {
        try await deployTogether(stack(tag: "v1"))
        _ = try await retract(stack(tag: "v1"))
        let check = try await fake.check(deployment(stack(tag: "v1")))
        #expect(check == .satisfied)
    }

    /// The run was killed before it was decided.
    @Test func `what was kept for nothing goes with the next run`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        try await deployTogether(stack(tag: "v2"))
        let containers = docker.containers
        let change = try await fake.obeysLaw(deployment(stack(tag: "v2")))
        let words = change.reason.split(separator: "; ")
        #expect(words.count == 2 && words[0].hasPrefix("let this version stay"), "\(change.reason)")
        #expect(words[1].hasPrefix("remove /srv/shop/good/") && words[1].hasSuffix(", which is unused"))
        #expect(snapshots == 1 && former == nil && docker.containers == containers)
    }
}
