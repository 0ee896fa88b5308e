import PropelTesting
import Synchronization
import Testing

@testable import Properties

/// What is needed for the way back is there, and is what was good: images that lost their names, and files that somebody has edited.
@Suite struct StackWayBackTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    private func stack(_ origin: Container.Origin = .registry, tag: String? = nil, workers: Int = 4) -> Stack {
        Stack("shop", healthTimeout: .hours(1)) {
            Container("app", image: "app", tag: tag, origin: origin) {
                ConfigurationFile("/etc/app.conf", text: "workers = \(workers)\n")
                HealthCheck("true")
            }
            Container("front", image: "front") { HealthCheck("true") }
        }
    }

    private func deployment(_ stack: Stack) -> StackDeployment { StackDeployment(stack: stack, pollInterval: .zero) }

    private func refuse(_ stack: Stack) async -> Failure? {
        await #expect(throws: Failure.self) { try await deployment(stack).apply(on: fake.machine) }
    }

    private func makeSick(_ id: String) { docker.state.withLock { $0.statuses[id] = "Up 5 seconds (unhealthy)" } }

    // MARK: - Images

    @Test(arguments: [Container.Origin.registry, .directory("/srv/src"), .archive("/srv/app.tar")])
    func anImageOfTheSameNameGivesItBack(_ origin: Container.Origin) async throws {
        docker.bring("app:latest", "sha256:good")
        try await fake.obeysLaw(deployment(stack(origin)))
        docker.bring("app:latest", "sha256:sick")
        makeSick("sha256:sick")
        let found = try await fake.check(deployment(stack(origin)))
        #expect(found == .unmet("app: another image of the name app:latest"))
        let failure = await refuse(stack(origin))
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(docker.containers["app"]?.imageID == "sha256:good")
        #expect(docker.images["app:latest"] == "sha256:good")
    }

    /// The sick one has made it so, and its health is looked at only now and then.
    @Test func oneThatBecameUnhealthyMeanwhileIsWellAgain() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        docker.state.withLock { state in
            state.containers["front"]?.status = "Up 1 minute (unhealthy)"
        }
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(docker.containers["front"]?.status == "Up 1 second (healthy)")
    }

    /// A program may end with 0 when it is stopped; that does not mean that it has done what it was for.
    @Test func oneThatWasStoppedRunsAgain() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        docker.state.withLock { state in
            state.before = { [docker] command in
                guard command.arguments.contains("--services") else { return }
                docker.state.withLock { state in
                    state.containers["front"]?.state = "exited"
                    state.containers["front"]?.status = "Exited (0) 1 second ago"
                }
            }
        }
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(docker.containers["front"]?.state == "running")
    }

    /// Nobody looks for an image of a registry again that is there: the old one would count as the one that is wanted.
    @Test func anImageThatGaveWayIsTriedAgain() async throws {
        docker.bring("app:latest", "sha256:good")
        try await fake.obeysLaw(deployment(stack()))
        docker.bring("app:latest", "sha256:sick")
        makeSick("sha256:sick")
        _ = await refuse(stack())
        let found = try await fake.check(deployment(stack()))
        #expect(found == .unmet("app: try the newer image of the name app:latest again, which gave way to this one"))
        let again = await refuse(stack())
        #expect(again?.isRolledBack == true)
        #expect(again?.advice?.contains("docker image rm propel.localhost/refused:shop.app") == true)
        #expect(docker.containers["app"]?.imageID == "sha256:good")
        // It was not the image's fault.
        docker.state.withLock { $0.statuses["sha256:sick"] = nil }
        try await fake.obeysLaw(deployment(stack()))
        #expect(docker.containers["app"]?.imageID == "sha256:sick")
        #expect(docker.images["propel.localhost/refused:shop.app"] == nil)
        #expect(docker.images["propel.localhost/good:shop.app"] == "sha256:sick")
    }

    @Test func whoRemovesTheImageThatGaveWayStaysWithTheOneBefore() async throws {
        docker.bring("app:latest", "sha256:good")
        try await fake.obeysLaw(deployment(stack()))
        docker.bring("app:latest", "sha256:sick")
        makeSick("sha256:sick")
        _ = await refuse(stack())
        docker.state.withLock { $0.images["propel.localhost/refused:shop.app"] = nil }
        let after = try await fake.check(deployment(stack()))
        #expect(after == .satisfied)
        #expect(docker.containers["app"]?.imageID == "sha256:good")
    }

    /// Not only compose may fail in the middle.
    @Test func whateverFailsInTheMiddleTheOneBeforeComesBack() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        let failures = Mutex(1)
        docker.state.withLock {
            $0.failure = { command in
                guard command.arguments.contains(where: { $0.contains("PortBindings") }),
                    failures.withLock({
                        $0 -= 1; return $0 == 0
                    })
                else { return nil }
                return .failing(1, "Error: No such container\n")
            }
        }
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(docker.containers["app"]?.image == "app:v1")
    }

    @Test func whereTheWayBackFailsTheFirstReasonIsToldToo() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        docker.state.withLock {
            $0.failure = {
                $0.arguments.starts(with: ["image", "tag"]) ? .failing(1, "no space left on device\n") : nil
            }
        }
        docker.bring("app:v1", "sha256:another")
        let failure = await refuse(stack(tag: "v2"))
        #expect(
            failure?.message.contains("app of shop is unhealthy") == true
                && failure?.message.contains("and the version before, put back, is not well either") == true,
            "\(String(describing: failure))")
        #expect(failure?.isRolledBack == false)
    }

    @Test func aThirdImageIsTakenAsItIs() async throws {
        docker.bring("app:latest", "sha256:good")
        try await fake.obeysLaw(deployment(stack()))
        docker.bring("app:latest", "sha256:sick")
        makeSick("sha256:sick")
        _ = await refuse(stack())
        docker.bring("app:latest", "sha256:third")
        try await fake.obeysLaw(deployment(stack()))
        #expect(docker.containers["app"]?.imageID == "sha256:third")
    }

    /// What is loaded or built is looked at by its own property: where that wants the former one again, that is it.
    @Test func whatIsLoadedIsWantedAsItIsInTheArchive() async throws {
        let good = String(repeating: "a", count: 64), sick = String(repeating: "b", count: 64),
            stack = stack(.archive("/srv/app.tar"))
        fake.files.put("/srv/app.tar", "")
        func put(_ hash: String) {
            fake.commands.program("tar", prints: "[{\"Config\":\"\(hash).json\",\"RepoTags\":[\"app:latest\"]}]")
        }
        docker.bring("app:latest", "sha256:\(good)")
        try await fake.obeysLaw(deployment(stack))
        put(sick)
        docker.bring("app:latest", "sha256:\(sick)")
        makeSick("sha256:\(sick)")
        _ = await refuse(stack)
        let again = try await fake.check(deployment(stack))
        #expect(again == .unmet("app: try the newer image of the name app:latest again, which gave way to this one"))
        put(good)
        let former = try await fake.check(deployment(stack))
        #expect(former == .satisfied)
        put(sick)
        docker.bring("app:latest", "sha256:\(sick)")
        let loaded = try await fake.check(deployment(stack))
        #expect(loaded == .unmet("app: another image of the name app:latest"))
    }

    @Test func theImagesOfTheLastGoodVersionAreKept() async throws {
        docker.bring("app:v1", "sha256:one")
        docker.bring("app:v2", "sha256:two")
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        #expect(docker.images["propel.localhost/good:shop.app"] == "sha256:one")
        // Another name for it is no reason to lose it.
        docker.state.withLock { $0.images["app:v1"] = "sha256:other" }
        makeSick("sha256:two")
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == true)
        #expect(docker.containers["app"]?.imageID == "sha256:one")
        #expect(docker.images["propel.localhost/good:shop.app"] == "sha256:one")
    }

    @Test func whatIsNoPartOfItAnyMoreIsNotKept() async throws {
        docker.bring("propel.localhost/good:shop.gone", "sha256:gone")
        try await fake.obeysLaw(deployment(stack()))
        #expect(
            docker.images.keys.filter { $0.hasPrefix("propel.") }.sorted() == [
                "propel.localhost/good:shop.app", "propel.localhost/good:shop.front",
            ])
    }

    @Test func whereTheImageIsGoneThatIsSaid() async throws {
        docker.bring("app:latest", "sha256:good")
        try await fake.obeysLaw(deployment(stack()))
        docker.bring("app:latest", "sha256:sick")
        makeSick("sha256:sick")
        _ = docker.state.withLock { $0.removedImages.insert("sha256:good") }
        let failure = await refuse(stack())
        #expect(failure?.isRolledBack == false)
        #expect(failure?.message.contains("the image app:latest that app had (good) is not there any more") == true)
    }

    // MARK: - What is done once

    private func migrating(_ tag: String, workers: Int = 4, healthTimeout: Duration = .hours(1)) -> Stack {
        Stack("shop", healthTimeout: healthTimeout) {
            Container("app", image: "app", tag: tag) {
                DependsOn("migrate")
                ConfigurationFile("/etc/app.conf", text: "workers = \(workers)\n")
                HealthCheck("true")
            }
            Container("migrate", image: "migrate", tag: tag) { RestartPolicy(.never) }
        }
    }

    /// Many a migration does not know what a newer one has done.
    @Test func whatWasDoneToTheDataNeedNotSucceedAgain() async throws {
        try await fake.obeysLaw(deployment(migrating("v1")))
        makeSick("sha256:app:v2")
        docker.state.withLock { $0.statuses["sha256:migrate:v1"] = "Exited (255) 1 second ago" }
        let failure = await refuse(migrating("v2"))
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(
            failure?.message.contains("is back, and healthy (what migrate did to the data then did not succeed again)")
                == true, "\(String(describing: failure))")
        #expect(docker.containers.mapValues(\.image) == ["app": "app:v1", "migrate": "migrate:v1"])
        // It is done before the others start.
        let ups = fake.commands.log.filter { $0.contains(" up ") }.suffix(2)
        #expect(ups.first?.hasSuffix(" migrate") == true && ups.last?.hasSuffix(" app") == true)
        let after = try await fake.check(deployment(migrating("v1")))
        #expect(after == .satisfied)

        // It stays so where something else changes, also where that fails.
        let migrate = docker.containers["migrate"]
        try await fake.obeysLaw(deployment(migrating("v1", workers: 8)))
        #expect(docker.containers["migrate"] == migrate)
        let again = await refuse(migrating("v2", workers: 8))
        #expect(again?.isRolledBack == true)
        // With the next version it has to succeed.
        docker.state.withLock { $0.statuses["sha256:migrate:v3"] = "Exited (1) 1 second ago" }
        let third = await refuse(migrating("v3"))
        #expect(
            third?.message.hasPrefix("migrate of shop has failed: Exited (1)") == true, "\(String(describing: third))")
    }

    @Test func whatDoesNotEndThenIsEnded() async throws {
        try await fake.obeysLaw(deployment(migrating("v1", healthTimeout: .milliseconds(200))))
        makeSick("sha256:app:v2")
        docker.state.withLock { $0.statuses["sha256:migrate:v1"] = "Up 5 seconds" }
        let failure = await refuse(migrating("v2", healthTimeout: .milliseconds(200)))
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(docker.containers.mapValues(\.state) == ["app": "running", "migrate": "exited"])
        let after = try await fake.check(deployment(migrating("v1", healthTimeout: .milliseconds(200))))
        #expect(after == .satisfied)
    }

    /// What has failed before is nothing that compose speaks of.
    @Test func whatNeedNotSucceedIsNotBlamed() async throws {
        try await fake.obeysLaw(deployment(migrating("v1")))
        makeSick("sha256:app:v2")
        docker.state.withLock { $0.statuses["sha256:migrate:v1"] = "Exited (255) 1 second ago" }
        _ = await refuse(migrating("v2"))
        docker.state.withLock { $0.refusal = .failing(1, "port is already allocated\n") }
        let failure = await refuse(migrating("v1", workers: 8))
        #expect(
            failure?.message.hasPrefix("compose could not start the containers of shop;") == true,
            "\(String(describing: failure))")
        #expect(failure?.output == ["port is already allocated"])
    }

    @Test func oneThatSomebodyHasRunAgainIsAsItIs() async throws {
        try await fake.obeysLaw(deployment(migrating("v1")))
        docker.state.withLock { state in
            state.containers["migrate"]?.state = "exited"
            state.containers["migrate"]?.status = "Exited (1) 1 second ago"
        }
        let found = try await fake.check(deployment(migrating("v1")))
        #expect(found == .unmet("migrate is exited"))
    }

    // MARK: - Files

    @Test func whatWasEditedSinceDoesNotComeBack() async throws {
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

    @Test func aCopyThatWasEditedIsNoticedAndNotPutBack() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        let copy = try #require(
            fake.files.snapshot.keys.first {
                $0.string.hasPrefix("/srv/shop/good/") && $0.string.hasSuffix("docker-compose.yml")
            })
        fake.files.put(copy, "services: {app: {image: evil}}\n", mode: 0o600)
        let found = try await fake.check(deployment(stack(tag: "v1")))
        #expect(found == .unmet("copy the files for the way back: the copy is not what it was"))
        makeSick("app:v2")
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == false)
        #expect(failure?.advice?.hasPrefix("Somebody has changed the copy of the version before") == true)
        #expect(docker.containers["app"]?.image == "app:v2")
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
    }

    /// As a run leaves it that was cut between the record and the clean-up.
    @Test(
        arguments: [
            "/srv/shop/previous/docker-compose.yml", "/srv/shop/good/20200101T000000Z/secrets/app/key-0123456789ab",
            "/srv/shop/secrets/app/key-0123456789ab",
            "/srv/shop/.candidate.override.yml",
        ] as [FilePath])
    func whatACutRunHasLeftIsRemoved(_ path: FilePath) async throws {
        try await fake.obeysLaw(deployment(stack()))
        let before = docker.containers
        fake.files.put(path, "hunter2\n", mode: 0o600)
        let finding = try await deployment(stack()).find(on: fake.machine)
        #expect(!finding.changesContainers)
        // Nothing is to stand still for that.
        let backup = try await fake.check(BackupBeforeChange(stack: stack(), pollInterval: .zero))
        #expect(backup == .satisfied)
        let change = try await fake.obeysLaw(deployment(stack()))
        #expect(
            change.reason.hasPrefix("remove /srv/shop/") && change.reason.hasSuffix(", which nothing needs any more"))
        #expect(fake.files[path] == nil)
        #expect(docker.containers == before)
    }

    @Test func onlyOneCopyIsThere() async throws {
        try await fake.obeysLaw(deployment(stack(workers: 1)))
        try await fake.obeysLaw(deployment(stack(workers: 2)))
        #expect(try fake.files.list("/srv/shop/good").count == 1)
        makeSick("app:sick")
        _ = await refuse(stack(tag: "sick", workers: 3))
        #expect(try fake.files.list("/srv/shop/good").count == 1)
        #expect(try fake.files.list("/srv/shop/files/app").count == 1)
    }
}
