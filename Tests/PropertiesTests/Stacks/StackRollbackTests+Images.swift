import PropelTesting
import Synchronization
import Testing

@testable import Properties

extension StackRollbackTests {
    @Test(arguments: [Container.Origin.registry, .directory("/srv/src"), .archive("/srv/app.tar")])
    func `an image of the same name gives the name back`(_ origin: Container.Origin) async throws {
        let good = Self.id("a"), sick = Self.id("b")
        try await bring(good, from: origin)
        try await fake.obeysLaw(deployment(stack(origin)))
        try await bring(sick, from: origin)
        makeSick(sick)
        let found = try await fake.check(deployment(stack(origin)))
        #expect(found == .unmet("app: new image app:latest\(Self.stopFirst)"))
        let failure = await refuse(stack(origin))
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(docker.containers["app"]?.imageID == good)
        #expect(docker.images["app:latest"] == good)
    }

    /// The end of a plan that replaces the container.
    private static let stopFirst = "; stop first: app (it has no Publish(oneOf:))"

    static func id(_ digit: Character) -> String { "sha256:" + String(repeating: digit, count: 64) }

    /// Makes `app:latest` an image that is up to date with where it comes from.
    func bring(_ id: String, from origin: Container.Origin) async throws {
        docker.bring("app:latest", id)
        switch origin {
        case .registry: break
        case .archive(let path):
            fake.files.put(path, "")
            fake.commands.program(
                "tar", prints: "[{\"Config\":\"\(id.dropFirst(7)).json\",\"RepoTags\":[\"app:latest\"]}]")
        case .directory(let path, _, _, _):
            fake.files.put(path.appending("Dockerfile"), "FROM \(id)\n")
            fake.commands.program("find", prints: "f 644 \0Dockerfile\0")
            fake.commands.program("xargs", prints: "\(id.dropFirst(7))  Dockerfile\0")
            fake.commands.program("sha256sum") { .printing(SHA256.hash($0.input) + " *-\n") }
            let context = BuildContext(directory: path, dockerfile: "Dockerfile", arguments: [:], target: nil)
            let hash = try await context.hash(on: fake.machine)
            docker.state.withLock { $0.labels[id] = [ImageBuild.label: hash] }
        }
    }

    @Test(arguments: [Container.Origin.directory("/srv/src"), .archive("/srv/app.tar")])
    func `an error of the check of an image is no answer`(_ origin: Container.Origin) async throws {
        try await bring(Self.id("a"), from: origin)
        try await fake.obeysLaw(deployment(stack(origin)))
        fake.commands.program("xargs") { _ in .failing(1, "Input/output error") }
        fake.commands.program("tar") { _ in .failing(1, "Input/output error") }
        await #expect(throws: (any Error).self) { try await fake.check(deployment(stack(origin))) }
    }

    @Test func `an error of the check of a rolled back image is no answer`() async throws {
        let origin = Container.Origin.archive("/srv/app.tar")
        try await bring(Self.id("a"), from: origin)
        try await fake.obeysLaw(deployment(stack(origin)))
        try await bring(Self.id("b"), from: origin)
        makeSick(Self.id("b"))
        _ = await refuse(stack(origin))
        fake.commands.program("tar") { _ in .failing(1, "Input/output error") }
        await #expect(throws: (any Error).self) { try await fake.check(deployment(stack(origin))) }
    }

    /// The unhealthy version caused it, and docker checks health only from time to time.
    @Test func `a container that became unhealthy is restarted on a rollback`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        docker.state.withLock { state in
            state.containers["front"]?.status = "Up 1 minute (unhealthy)"
        }
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == true, "\(String(describing: failure))")
        #expect(docker.containers["front"]?.status == "Up 1 second (healthy)")
    }

    /// A program that is stopped may exit with 0 without having done its job.
    @Test func `a stopped container runs again after a rollback`() async throws {
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

    /// An existing image is not pulled again: the old one would count as the desired one.
    @Test func `a rolled back image is tried again`() async throws {
        docker.bring("app:latest", "sha256:good")
        try await fake.obeysLaw(deployment(stack()))
        docker.bring("app:latest", "sha256:sick")
        makeSick("sha256:sick")
        _ = await refuse(stack())
        let found = try await fake.check(deployment(stack()))
        #expect(found == .unmet("app: try the newer image app:latest again\(Self.stopFirst)"))
        let again = await refuse(stack())
        #expect(again?.isRolledBack == true)
        #expect(again?.advice?.contains("docker image rm propel.localhost/refused:shop.app") == true)
        #expect(docker.containers["app"]?.imageID == "sha256:good")
        // The image was not at fault.
        docker.state.withLock { $0.statuses["sha256:sick"] = nil }
        try await fake.obeysLaw(deployment(stack()))
        #expect(docker.containers["app"]?.imageID == "sha256:sick")
        #expect(docker.images["propel.localhost/refused:shop.app"] == nil)
        #expect(docker.images["propel.localhost/good:shop.app"] == "sha256:sick")
    }

    @Test func `removing a rolled back image keeps the previous one`() async throws {
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

    /// Not only compose may fail during a start.
    @Test func `any failure during a start is rolled back`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        let failures = Mutex(1)
        docker.state.withLock {
            $0.answer = { command in
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

    @Test func `a failed rollback reports both reasons`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        docker.state.withLock {
            $0.answer = {
                $0.arguments.starts(with: ["image", "tag"]) ? .failing(1, "no space left on device\n") : nil
            }
        }
        docker.bring("app:v1", "sha256:another")
        let failure = await refuse(stack(tag: "v2"))
        #expect(
            failure?.message.contains("app of shop is unhealthy") == true
                && failure?.message.contains("rollback failed too: ") == true,
            "\(String(describing: failure))")
        #expect(failure?.isRolledBack == false)
    }

    @Test func `a third image is used unchanged`() async throws {
        docker.bring("app:latest", "sha256:good")
        try await fake.obeysLaw(deployment(stack()))
        docker.bring("app:latest", "sha256:sick")
        makeSick("sha256:sick")
        _ = await refuse(stack())
        docker.bring("app:latest", "sha256:third")
        try await fake.obeysLaw(deployment(stack()))
        #expect(docker.containers["app"]?.imageID == "sha256:third")
    }

    /// The property of a loaded image decides which one is desired, also if it is the former one again.
    @Test func `the archive decides about a loaded image`() async throws {
        let good = String(repeating: "a", count: 64), sick = String(repeating: "b", count: 64),
            stack = stack(.archive("/srv/app.tar"))
        fake.files.put("/srv/app.tar", "")
        func put(_ hash: String) {
            fake.commands.program("tar", prints: "[{\"Config\":\"\(hash).json\",\"RepoTags\":[\"app:latest\"]}]")
        }
        docker.bring("app:latest", "sha256:\(good)")
        put(good)
        try await fake.obeysLaw(deployment(stack))
        put(sick)
        docker.bring("app:latest", "sha256:\(sick)")
        makeSick("sha256:\(sick)")
        _ = await refuse(stack)
        let again = try await fake.check(deployment(stack))
        #expect(again == .unmet("app: try the newer image app:latest again\(Self.stopFirst)"))
        put(good)
        let former = try await fake.check(deployment(stack))
        #expect(former == .satisfied)
        put(sick)
        docker.bring("app:latest", "sha256:\(sick)")
        let loaded = try await fake.check(deployment(stack))
        #expect(loaded == .unmet("app: new image app:latest\(Self.stopFirst)"))
    }

    @Test func `the images of the last healthy version are kept`() async throws {
        docker.bring("app:v1", "sha256:one")
        docker.bring("app:v2", "sha256:two")
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        #expect(docker.images["propel.localhost/good:shop.app"] == "sha256:one")
        // The name now belongs to another image.
        docker.state.withLock { $0.images["app:v1"] = "sha256:other" }
        makeSick("sha256:two")
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == true)
        #expect(docker.containers["app"]?.imageID == "sha256:one")
        #expect(docker.images["propel.localhost/good:shop.app"] == "sha256:one")
    }

    @Test func `images of removed containers are not kept`() async throws {
        docker.bring("propel.localhost/good:shop.gone", "sha256:gone")
        try await fake.obeysLaw(deployment(stack()))
        #expect(
            docker.images.keys.filter { $0.hasPrefix("propel.") }.sorted() == [
                "propel.localhost/good:shop.app", "propel.localhost/good:shop.front",
            ])
    }

    @Test func `a missing image is reported`() async throws {
        docker.bring("app:latest", "sha256:good")
        try await fake.obeysLaw(deployment(stack()))
        docker.bring("app:latest", "sha256:sick")
        makeSick("sha256:sick")
        _ = docker.state.withLock { $0.removedImages.insert("sha256:good") }
        let failure = await refuse(stack())
        #expect(failure?.isRolledBack == false)
        #expect(failure?.message.contains("the image app:latest of app (good) no longer exists") == true)
    }
}
