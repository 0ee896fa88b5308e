import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct DockerVolumeTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker
    private let absent = Docker.Volume.Absent("old_data")
    private let removed = Docker.Volume.Absent("old_data", removesData: true)
    private let place = FakeDocker.mountpoint("old_data")

    init() {
        docker = FakeDocker(on: fake)
        fake.files.put("/usr/bin/docker", "", mode: 0o755)
        docker.state.withLock { $0.volumes = ["old_data", "other"] }
        fake.files.put(directory: place)
    }

    private var volumes: Set<String> { docker.state.withLock { $0.volumes } }

    @Test func `an empty volume is removed`() async throws {
        #expect(try await fake.obeysLaw(absent).reason == "remove it: it is empty")
        #expect(volumes == ["other"])
        #expect(fake.commands.log.contains("docker volume rm old_data"))
    }

    @Test func `data is removed only if that is said, and the plan says how much`() async throws {
        for name in ["a", "b"] { fake.files.put(place.appending(name), "data") }
        let failure = await fake.refusal(of: absent)
        #expect(failure?.message == "the docker volume old_data has data in it: 2 entries in \(place)")
        #expect(failure?.advice?.contains("removesData: true") == true)
        #expect(volumes.contains("old_data"))
        #expect(
            try await fake.obeysLaw(removed).reason == "remove it with its data for good: 2 entries in \(place)")
        #expect(volumes == ["other"])
    }

    @Test(arguments: ["running", "exited"]) func `a volume of a container stays`(_ state: String) async throws {
        docker.state.withLock {
            $0.containers["shop"] = .init(
                id: "1", name: "shop", image: "a", imageID: "a", volumes: ["old_data"], state: state)
        }
        #expect(await fake.refusal(of: removed)?.message == "the docker volume old_data is used by shop")
        #expect(volumes.contains("old_data"))
    }

    @Test func `data of a share stays there, and that of another driver is unknown`() async throws {
        docker.state.withLock { $0.volumeKinds = ["old_data": "rclone\tnull"] }
        await #expect(throws: Failure.self) { try await fake.check(absent) }
        fake.files.put(place.appending("a"), "data")
        docker.state.withLock { $0.volumeKinds = ["old_data": #"local\#t{"size":"10G"}"#] }
        await #expect(throws: Failure.self) { try await fake.check(absent) }
        docker.state.withLock { $0.volumeKinds = ["old_data": #"local\#t{"device":":/data","type":"nfs"}"#] }
        #expect(try await fake.obeysLaw(absent).reason == "remove it: what it mounts stays")
    }

    @Test func `a machine without docker has no volume, and one that does not run leaves it open`() async throws {
        let bare = FakeMachine()
        #expect(try await bare.check(absent) == .satisfied && bare.commands.log.isEmpty)
        fake.commands.program("docker", status: 1, errors: "Cannot connect to the Docker daemon at unix:///x\n")
        #expect(try await fake.check(absent) == .unknown(until: "docker.service runs"))
    }

    @Test func `a volume that is there and not there is a conflict`() {
        let host = Host("x", runs: Debian.self) {
            Docker.Volume("old_data")
            absent
        }
        #expect(host.conflicts.map(\.subject) == ["docker volume old_data"])
    }

    @Test(arguments: ["", "a", "-ab", "a b", "../x"]) func `an invalid name is a problem`(_ name: String) async throws {
        #expect(Docker.Volume(name).problems.count == 1 && Docker.Volume.Absent(name).problems.count == 1)
        await #expect(throws: Failure.self) {
            try await Docker.Volume.Absent(name, removesData: true).apply(on: fake.machine)
        }
        #expect(fake.commands.log.isEmpty)
    }

    @Test(arguments: Fault.allCases) func `what a fault has cut is finished`(_ fault: Fault) async throws {
        try await FakeMachine.verify(removed, survives: fault) {
            let fake = FakeMachine(), docker = FakeDocker(on: fake)
            fake.files.put("/usr/bin/docker", "", mode: 0o755)
            fake.files.put(FakeDocker.mountpoint("old_data").appending("a"), "data")
            docker.state.withLock { $0.volumes = ["old_data"] }
            return fake
        }
    }

    private static let films = Docker.Volume(
        "films", options: ["type": "nfs", "o": "addr=10.0.0.2,ro", "device": ":/export/films"])

    @Test func `a volume can mount what is elsewhere`() async throws {
        #expect(try await fake.check(Self.films).reason == "create it")
        try await Self.films.apply(on: fake.machine)
        #expect(
            fake.commands.log.last == "docker volume create --opt device=:/export/films --opt o=addr=10.0.0.2,ro "
                + "--opt type=nfs -- films")
    }

    @Test(arguments: [
        (#"{"device":":/export/films","o":"addr=10.0.0.2,ro","type":"nfs"}"#, true),
        (#"{"device":":/export/other","o":"addr=10.0.0.2,ro","type":"nfs"}"#, false), ("null", false),
    ]) func `other options than are declared are a failure`(_ options: String, _ isSame: Bool) async throws {
        docker.state.withLock { state in
            state.volumes.insert("films")
            state.answer = { command in
                command.arguments.prefix(2) == ["volume", "inspect"]
                    ? .printing("{\"Name\":\"films\",\"Options\":\(options)}\n") : nil
            }
        }
        if isSame {
            #expect(try await fake.check(Self.films) == .satisfied)
        } else {
            await #expect(throws: Failure.self) { try await fake.check(Self.films) }
        }
        #expect(try await fake.check(Docker.Volume("films")) == .satisfied)
    }

    @Test(arguments: [["": "x"], ["type": ""], ["a b": "x"], ["o": "a\nb"]]) func `invalid options are problems`(
        _ options: [String: String]
    ) {
        #expect(Docker.Volume("films", options: options).problems.count == 1)
    }
}
