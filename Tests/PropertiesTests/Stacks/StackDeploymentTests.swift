import PropelTesting
import Testing
import Yams

@testable import Properties

@Suite struct StackDeploymentTests {
    private let fake = FakeMachine()
    private let docker: FakeDocker

    init() { docker = FakeDocker(on: fake) }

    private func stack(
        tag: String = "v1", workers: Int = 4, format: Int = 1, hasCache: Bool = false, password: Content = "plain",
        healthTimeout: Duration = .hours(1)
    ) -> Stack {
        Stack("shop", dataFormat: format, healthTimeout: healthTimeout) {
            Container("db", image: "postgres", tag: "15") {
                Environment("PASSWORD", password)
                HealthCheck("true")
            }
            Container("app", image: "app", tag: tag) {
                DependsOn("db")
                ConfigurationFile("/etc/app.conf", text: "workers = \(workers)\n")
                ConfigurationFile("/run/password", password, mode: 0o400)
                HealthCheck("true")
            }
            if hasCache { Container("cache", image: "cache") }
        }
    }

    private func deployment(_ stack: Stack) -> StackDeployment { StackDeployment(stack: stack, pollInterval: .zero) }

    private func ids() -> [String: String] { docker.containers.mapValues(\.id) }

    @Test func isDeployedOnceAndThenLeftAlone() async throws {
        try await fake.obeysLaw(deployment(stack()))
        #expect(ids().keys.sorted() == ["app", "db"])
        let answer = try await fake.check(deployment(stack()))
        #expect(answer == .satisfied)
        #expect(fake.files["/srv/shop/docker-compose.yml"]?.text == stack().composeText)
        #expect(fake.files["/srv/shop"]?.status.mode == 0o700)
    }

    @Test func onlyWhatChangedIsMadeAnew() async throws {
        try await fake.obeysLaw(deployment(stack()))
        let before = ids()
        let change = try await fake.obeysLaw(deployment(stack(workers: 8)))
        #expect(change.reason.contains("the compose file changes"))
        #expect(ids()["db"] == before["db"])
        #expect(ids()["app"] != before["app"])
        // What the former one had mounted is gone, once nobody needs it.
        let files = fake.files.snapshot.keys.map(\.string).filter { $0.hasPrefix("/srv/shop/files/app/app.conf") }
        #expect(files.count == 1, "\(files)")
    }

    @Test func aNewTagIsNamedInThePlan() async throws {
        try await fake.obeysLaw(deployment(stack()))
        let change = try await fake.obeysLaw(deployment(stack(tag: "v2")))
        #expect(change.reason == "the compose file changes; app: app:v1 → app:v2")
        #expect(change.diff?.text.contains("-    image: app:v1\n+    image: app:v2") == true)
    }

    @Test(arguments: ["stopped", "gone", "unhealthy", "made by hand", "file"])
    func driftIsRepaired(_ drift: String) async throws {
        try await fake.obeysLaw(deployment(stack()))
        let before = ids()
        docker.state.withLock { state in
            switch drift {
            case "stopped":
                state.containers["app"]?.state = "exited"
                state.containers["app"]?.status = "Exited (0) 1 second ago"
            case "gone": state.containers["app"] = nil
            case "unhealthy": state.containers["app"]?.status = "Up 1 minute (unhealthy)"
            case "made by hand": state.containers["app"]?.id = "other"
            default: fake.files.put("/srv/shop/docker-compose.yml", "services: {}\n", mode: 0o600)
            }
        }
        if drift == "unhealthy" {
            // Nothing that could be done anew would help: it is told, and what is there stays.
            let found = try await fake.check(deployment(stack()))
            #expect(found == .unmet("app is unhealthy"))
            return
        }
        try await fake.obeysLaw(deployment(stack()))
        #expect(ids()["db"] == before["db"])
        #expect(ids()["app"] != nil)
    }

    @Test func whatIsNoPartOfItAnyMoreGoes() async throws {
        try await fake.obeysLaw(deployment(stack(hasCache: true)))
        let change = try await fake.obeysLaw(deployment(stack()))
        #expect(change.reason == "the compose file changes; remove cache, which is no part of it any more")
        #expect(ids().keys.sorted() == ["app", "db"])
    }

    @Test func aVersionThatNeverGetsHealthyGivesWayToTheOneBefore() async throws {
        try await fake.obeysLaw(deployment(stack()))
        let compose = fake.files["/srv/shop/docker-compose.yml"]?.text
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) {
            try await deployment(stack(tag: "sick")).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == true)
        #expect(
            failure?.message.hasPrefix("app of shop is unhealthy: Up 5 seconds (unhealthy); the version of ") == true)
        #expect(failure?.output == ["it starts", "it is sick"])
        #expect(docker.containers["app"]?.image == "app:v1")
        #expect(fake.files["/srv/shop/docker-compose.yml"]?.text == compose)
        // It is as it was, and nothing is left of the attempt.
        let now = try await fake.check(deployment(stack()))
        #expect(now == .satisfied)
        #expect(try fake.files.list("/srv/shop") == ["docker-compose.yml", "files", "good"])
        let next = try await fake.check(deployment(stack(tag: "v2")))
        #expect(next.change?.reason == "the compose file changes; app: app:v1 → app:v2")
    }

    @Test func theFirstVersionHasNoneBefore() async throws {
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) {
            try await deployment(stack(tag: "sick")).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == false)
        #expect(failure?.advice?.hasPrefix("There was no version before") == true)
        #expect(docker.containers["app"]?.image == "app:sick")
    }

    /// A run that ends between any two steps: the next one knows that it is not done, and can still go back.
    @Test func whatWasCutShortIsFinishedAndCanStillGoBack() async throws {
        try await fake.obeysLaw(deployment(stack()))
        docker.state.withLock { $0.refusal = CommandResult(ending: .signaled(9)) }
        fake.commands.program("docker-compose-cut", prints: "")
        // Killed: not even the way back was gone.
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        _ = try? await deployment(stack(tag: "sick")).apply(on: fake.machine)
        docker.state.withLock { $0.refusal = nil }
        let found = try await fake.check(deployment(stack(tag: "sick")))
        #expect(found != .satisfied)
        let failure = await #expect(throws: Failure.self) {
            try await deployment(stack(tag: "sick")).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == true)
        #expect(docker.containers["app"]?.image == "app:v1")
        try await fake.obeysLaw(deployment(stack(tag: "v2")))
    }

    @Test func dataOfANewerFormatAreRefused() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v2", format: 2)))
        let failure = await #expect(throws: Failure.self) {
            try await fake.check(deployment(stack(tag: "v1", format: 1)))
        }
        #expect(failure?.message.hasPrefix("the data of shop have the format 2, since ") == true)
        #expect(failure?.message.hasSuffix("and this version of it knows format 1") == true)
    }

    /// It may have changed the data before it turned out to be sick.
    @Test func aSickVersionWithANewerFormatGivesNoWayBack() async throws {
        try await fake.obeysLaw(deployment(stack()))
        docker.state.withLock { $0.statuses["app:sick"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) {
            try await deployment(stack(tag: "sick", format: 2)).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == false)
        #expect(failure?.advice?.contains("--restore") == true)
        #expect(docker.containers["app"]?.image == "app:sick")
        let back = await #expect(throws: Failure.self) { try await fake.check(deployment(stack())) }
        #expect(back?.message.contains("have the format 2") == true)
        try await fake.obeysLaw(deployment(stack(tag: "v3", format: 2)))
    }

    @Test func whatSomebodyElseHasThereIsNotTouched() async throws {
        fake.files.put("/srv/shop/docker-compose.yml", "services: {db: {environment: {PASSWORD: hunter2}}}\n")
        fake.files.put("/srv/shop/files/upload.jpg", "picture")
        let before = fake.files.snapshot
        let failure = await #expect(throws: Failure.self) { try await fake.check(deployment(stack())) }
        #expect(
            failure?.message
                == "there is something in /srv/shop already, which Propel has not put there: docker-compose.yml, files")
        await #expect(throws: Failure.self) { try await deployment(stack()).apply(on: fake.machine) }
        #expect(fake.files.snapshot == before)
    }

    @Test func whatAPowerCutHasLeftOfTheFirstFileIsNobodyElses() async throws {
        fake.files.put("/srv/shop/files/app/.app.conf-0123456789ab.propel", "half")
        fake.files.put("/srv/shop/..candidate.yml.propel", "half")
        try await fake.obeysLaw(deployment(stack()))
        #expect(fake.files["/srv/shop/files/app/.app.conf-0123456789ab.propel"] == nil)
    }

    @Test func aDirectoryThatOthersMayWriteIsRefused() async throws {
        try await fake.obeysLaw(deployment(stack()))
        try fake.files.setOwner(Owner(user: 1000, group: 1000), of: "/srv/shop")
        let failure = await #expect(throws: Failure.self) { try await fake.check(deployment(stack())) }
        #expect(failure?.message == "/srv/shop is not root's alone, and the stack shop is to be there")
    }

    /// Who may write there could put another directory in its place, from which root would start containers at boot.
    @Test(arguments: [("/home/bot", Permissions(0o755), UInt32(1000)), ("/home", 0o777, 0)])
    func aDirectoryBelowSomebodyElsesIsRefused(_ path: String, _ mode: Permissions, _ user: UInt32) async throws {
        fake.files.put(directory: "/home", mode: 0o755)
        fake.files.put(directory: "/home/bot", mode: 0o755)
        let stack = Stack("bot", directory: "/home/bot/stack", healthTimeout: .hours(1)) {
            Container("app", image: "app")
        }
        let isFine = try await fake.check(deployment(stack))
        #expect(isFine != .satisfied)
        fake.files.put(directory: FilePath(path), mode: mode, owner: Owner(user: user, group: 0))
        let failure = await #expect(throws: Failure.self) { try await fake.check(deployment(stack)) }
        #expect(
            failure?.message
                == "\(path) is not root's alone: who may write there could put another directory in the place of /home/bot/stack, from which root starts containers"
        )
    }

    /// Nothing of it was started, so nothing of it can have changed the data.
    @Test func aNewerFormatDoesNotCountWhereItsFilesCannotBeWritten() async throws {
        try await fake.obeysLaw(deployment(stack()))
        fake.files.fail("/srv/shop/docker-compose.yml", with: .noSpace)
        let newer = Stack("shop", dataFormat: 2, healthTimeout: .hours(1)) { Container("db", image: "db:2") }
        await #expect(throws: (any Error).self) { try await deployment(newer).apply(on: fake.machine) }
        #expect(try StackRecord(of: stack(), on: fake.machine).dataFormat == 1)
    }

    /// Compose would let the file be, and the container has the former one.
    @Test func aMountedFileThatWasEditedMakesItsContainerAnew() async throws {
        try await fake.obeysLaw(deployment(stack()))
        let before = ids()
        let path = try #require(fake.files.snapshot.keys.first { $0.string.hasPrefix("/srv/shop/files/app/app.conf") })
        fake.files.put(path, "evil\n")
        try await fake.obeysLaw(deployment(stack()))
        #expect(fake.files[path]?.text == "workers = 4\n")
        #expect(ids()["app"] != before["app"] && ids()["db"] == before["db"])
    }

    /// Two of them with one volume would be two databases in one directory.
    @Test func whatIsReplacedByAnotherNameIsStoppedBefore() async throws {
        try await fake.obeysLaw(deployment(stack(hasCache: true)))
        let count = fake.commands.log.count
        try await deployment(stack()).apply(on: fake.machine)
        let log = fake.commands.log.dropFirst(count).map(\.self)
        let stop = try #require(log.firstIndex { $0.hasPrefix("docker stop") }),
            up = try #require(log.firstIndex { $0.contains(" up ") })
        #expect(stop < up)
    }

    @Test func withoutDockerNothingCanBeTold() async throws {
        fake.commands.program("docker") { _ in CommandResult(ending: .notFound) }
        let answer = try await fake.check(deployment(stack()))
        #expect(answer == .unknown(until: "docker is installed"))
    }

    // MARK: - Secrets

    private func secrets(_ plaintext: String, version: String = "1") -> Secrets {
        Secrets(versions: ["password": version]) { names in
            try Dictionary(uniqueKeysWithValues: names.map { ($0, try SecretBytes(copying: plaintext.utf8)) })
        }
    }

    @Test func secretsAreInTheirFilesOnly() async throws {
        let fake = fake.run(with: secrets("it's $HOME \"\\x\"\n${y}"))
        let stack = stack(password: "\(Secret("password"))")
        try await fake.machine.secrets.fetch([Secret("password")])
        try await fake.obeysLaw(deployment(stack))
        let file = try #require(fake.files.snapshot.keys.first { $0.string.hasPrefix("/srv/shop/secrets/app/") })
        #expect(fake.files[file]?.text == "it's $HOME \"\\x\"\n${y}")
        #expect(fake.files[file]?.status.mode == 0o400)
        let override = try #require(fake.files["/srv/shop/docker-compose.override.yml"])
        #expect(override.status.mode == 0o600)
        #expect(override.text.contains(#"PASSWORD: "it's $$HOME \"\\x\"\x0A$${y}""#))
        #expect(!stack.composeText.contains("HOME") && !stack.composeText.contains("PASSWORD"))
        #expect(!fake.commands.log.contains { $0.contains("HOME") })
        // In another run, which has no plaintext, it is known to be so.
        let later = self.fake.run(with: secrets("?"))
        let answer = try await later.check(deployment(stack))
        #expect(answer == .satisfied)
    }

    /// Compose sees both together before anything is changed, and what it says of them may cite them.
    @Test(arguments: [true, false])
    func bothFilesAreValidatedTogether(_ isAccepted: Bool) async throws {
        let fake = fake.run(with: secrets("hunter2"))
        let stack = stack(password: "\(Secret("password"))")
        try await fake.machine.secrets.fetch([Secret("password")])
        fake.commands.program("docker-compose") { [files = fake.files] command in
            guard command.arguments.contains("config"), command.arguments.contains("/srv/shop/.candidate.override.yml")
            else {
                return command.arguments.contains("config") ? .printing() : .failing(1, "no further than this")
            }
            let candidate = try #require(files["/srv/shop/.candidate.override.yml"])
            #expect(candidate.status.mode == 0o600 && candidate.text.contains("hunter2"))
            return isAccepted ? .printing() : .failing(15, "invalid: hunter2\n")
        }
        let failure = await #expect(throws: Failure.self) { try await deployment(stack).apply(on: fake.machine) }
        let isRefused = failure?.message == "compose does not accept the variables with secrets of the stack shop"
        #expect(isRefused == !isAccepted)
        #expect(isAccepted || !"\(String(describing: failure))".contains("hunter2"))
        #expect(fake.files["/srv/shop/.candidate.override.yml"] == nil)
        #expect((fake.files["/srv/shop/docker-compose.yml"] != nil) == isAccepted)
    }

    /// Names that YAML takes for something else, and characters that it does not take.
    @Test func variablesWithSecretsAreReadAsTheyAre() async throws {
        let value =
            "a\u{80}\u{85}\u{9F}\u{A0}\u{A1}\u{2027}\u{2028}\u{2029}\u{FEFF}\u{FFFD}\u{FFFE}\u{FFFF}\u{1F600}é\u{7}\u{7F}\"\\\t\n"
        let fake = fake.run(with: secrets(value))
        let stack = Stack("shop") {
            Container("no", image: "i") {
                Environment("ON", "\(Secret("password"))")
                Environment("null", "\(Secret("password"))")
            }
        }
        #expect(stack.problems.isEmpty)
        try await fake.machine.secrets.fetch([Secret("password")])
        try await fake.obeysLaw(deployment(stack))
        let text = try #require(fake.files["/srv/shop/docker-compose.override.yml"]).text
        // What no YAML is said to be printable of.
        #expect(
            !text.unicodeScalars.contains {
                (0x7F...0xA0).contains($0.value) || [0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF].contains($0.value)
            })
        let document = try load(yaml: text) as? [String: [String: [String: [String: String]]]]
        #expect(document?["services"]?["no"]?["environment"] == ["ON": value, "null": value])
    }

    /// What stays as it is need not be decrypted.
    @Test func aSecretThatStaysIsNotAskedFor() async throws {
        let fake = fake.run(with: secrets("one"))
        try await fake.machine.secrets.fetch([Secret("password")])
        try await fake.obeysLaw(deployment(stack(password: "\(Secret("password"))")))
        let later = self.fake.run(with: Secrets(versions: ["password": "1"]))
        try await later.obeysLaw(deployment(stack(tag: "v2", password: "\(Secret("password"))")))
    }

    // MARK: - Volumes

    private func named(_ volume: String, backup: VolumeBackup = .archive(while: .stopped)) -> Stack {
        Stack("shop", healthTimeout: .hours(1)) {
            Container("db", image: "db") { Volume(volume, at: "/data", backup: backup) }
        }
    }

    @Test func aRenamedVolumeIsSaidToBeAnother() async throws {
        try await fake.obeysLaw(deployment(named("data")))
        let change = try await fake.obeysLaw(deployment(named("rows")))
        #expect(
            change.reason.contains(
                "db finds /data in shop_rows, and not what is in shop_data, which stays in docker as it is"))
        let record = try StackRecord(of: named("rows"), on: fake.machine)
        #expect(
            record.current?.volumes == [
                StackRecord.UsedVolume(container: "db", dockerName: "shop_rows", path: "/data", isBackedUp: true)
            ])
    }

    @Test func theVolumeOfTheVersionBeforeIsBackedUpOnceMore() async throws {
        try await fake.obeysLaw(deployment(named("data")))
        let record = try StackRecord(of: named("rows"), on: fake.machine)
        #expect(record.formerVolumes(of: named("rows")).map(\.dockerName) == ["shop_data"])
        #expect(record.formerVolumes(of: named("data")).isEmpty)
        try await fake.obeysLaw(deployment(named("rows", backup: .none)))
        let after = try StackRecord(of: named("rows"), on: fake.machine)
        #expect(after.formerVolumes(of: named("new")).isEmpty)
    }

    @Test func anotherSecretMakesThoseAnewThatHaveIt() async throws {
        let stack = stack(hasCache: true, password: "\(Secret("password"))")
        var fake = self.fake.run(with: secrets("one"))
        try await fake.machine.secrets.fetch([Secret("password")])
        try await fake.obeysLaw(deployment(stack))
        let before = ids()

        // Encrypted anew, but the same: nobody is disturbed.
        fake = self.fake.run(with: secrets("one", version: "2"))
        let unknown = try await fake.check(deployment(stack))
        guard case .unknown = unknown else { throw LawBroken("\(unknown)") }
        try await fake.machine.secrets.fetch([Secret("password")])
        let same = try await fake.check(deployment(stack))
        #expect(same == .satisfied)

        fake = self.fake.run(with: secrets("two", version: "3"))
        try await fake.machine.secrets.fetch([Secret("password")])
        try await fake.obeysLaw(deployment(stack))
        #expect(ids()["app"] != before["app"] && ids()["db"] != before["db"])
        #expect(ids()["cache"] == before["cache"])
    }

    /// A run was cut after it had written another one, and docker has started the container again with that.
    @Test func aContainerThatMayHaveAnotherSecretIsMadeAnew() async throws {
        let stack = stack(password: "\(Secret("password"))")
        let fake = self.fake.run(with: secrets("one"))
        try await fake.machine.secrets.fetch([Secret("password")])
        try await fake.obeysLaw(deployment(stack))
        let before = ids(), file = try #require(stack.secretFiles.first { $0.path != stack.overrideFile })
        fake.files.put(file.path, "two", mode: file.mode, owner: file.owner)
        try await fake.obeysLaw(deployment(stack))
        #expect(ids()["app"] != before["app"])
    }

    @Test func theFormerSecretComesBackWithTheFormerVersion() async throws {
        let stack = stack(password: "\(Secret("password"))")
        var fake = self.fake.run(with: secrets("one"))
        try await fake.machine.secrets.fetch([Secret("password")])
        try await fake.obeysLaw(deployment(stack))
        let files = fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop/") }

        fake = self.fake.run(with: secrets("two", version: "2"))
        try await fake.machine.secrets.fetch([Secret("password")])
        docker.state.withLock { $0.statuses["app:v1"] = "Up 5 seconds (unhealthy)" }
        let failure = await #expect(throws: Failure.self) { try await deployment(stack).apply(on: fake.machine) }
        // Of the same image, so the one before is as sick here.
        #expect(failure?.isRolledBack == false)
        #expect(failure?.message.contains("and the version before, put back, is not well either") == true)
        let after = fake.files.snapshot.filter { $0.key.string.hasPrefix("/srv/shop/") }
        #expect(after.mapValues(\.bytes) == files.mapValues(\.bytes))
    }
}

extension Check {
    fileprivate var change: Change? { if case .unmet(let change) = self { change } else { nil } }
}

extension FakeFileSystem.Node {
    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
