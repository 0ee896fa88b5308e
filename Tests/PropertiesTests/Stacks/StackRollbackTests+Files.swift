import PropelTesting
import Synchronization
import Testing

@testable import Properties

extension StackRollbackTests {
    @Test func `a rollback does not restore later edits`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        let good = fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop/") }.mapValues(\.bytes)
        let path = try #require(good.keys.first { $0.string.hasPrefix("/srv/shop/files/app/app.conf") })
        fake.files.put(path, "evil\n")
        fake.files.put("/srv/shop/docker-compose.yml", "services: {app: {image: evil}}\n", mode: 0o600)
        makeSick("app:v2")
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == true)
        #expect(fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop/") }.mapValues(\.bytes) == good)
        let answer = try await fake.check(deployment(stack(tag: "v1")))
        #expect(answer == .satisfied)
    }

    @Test func `an edited snapshot is reported and not restored`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        let copy = try #require(
            fake.files.snapshot.keys.first {
                $0.string.hasPrefix("/srv/shop/good/") && $0.string.hasSuffix("docker-compose.yml")
            })
        fake.files.put(copy, "services: {app: {image: evil}}\n", mode: 0o600)
        let found = try await fake.check(deployment(stack(tag: "v1")))
        #expect(found == .unmet("take a snapshot for a rollback: it is not intact"))
        makeSick("app:v2")
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == false)
        #expect(failure?.advice?.hasPrefix("Nothing was rolled back: somebody has changed the snapshot") == true)
        #expect(docker.containers["app"]?.image == "app:v2")
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
    }

    /// As left by a run that was killed between writing the record and tidying up.
    @Test(
        arguments: [
            "/srv/shop/previous/docker-compose.yml", "/srv/shop/good/20200101T000000Z/secrets/app/key-0123456789ab",
            "/srv/shop/secrets/app/key-0123456789ab",
            "/srv/shop/.candidate.override.yml",
        ] as [FilePath])
    func `leftovers of a killed run are removed`(_ path: FilePath) async throws {
        try await fake.obeysLaw(deployment(stack()))
        let before = docker.containers
        fake.files.put(path, "hunter2\n", mode: 0o600)
        let finding = try await StackDifferences(StackContext(stack(), on: fake.machine)).find()
        #expect(!finding.changesContainers)
        // No container stops for that.
        let backup = try await fake.check(BackupBeforeChange(stack: stack()))
        #expect(backup == .satisfied)
        let change = try await fake.obeysLaw(deployment(stack()))
        #expect(
            change.reason.hasPrefix("remove /srv/shop/") && change.reason.hasSuffix(", which is unused"))
        #expect(fake.files[path] == nil)
        #expect(docker.containers == before)
    }

    @Test func `only one snapshot is kept`() async throws {
        try await fake.obeysLaw(deployment(stack(workers: 1)))
        try await fake.obeysLaw(deployment(stack(workers: 2)))
        #expect(try fake.files.list("/srv/shop/good").count == 1)
        makeSick("app:sick")
        _ = await refuse(stack(tag: "sick", workers: 3))
        #expect(try fake.files.list("/srv/shop/good").count == 1)
        #expect(try fake.files.list("/srv/shop/files/app").count == 1)
    }
}
