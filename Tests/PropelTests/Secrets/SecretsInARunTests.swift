import Propel
import PropelTesting
import Testing

@Suite struct SecretsInARunTests {
    let fake = FakeMachine()
    let recorder = Recorder()

    /// A property that holds where its file has the plaintext in it.
    private struct Keeps: Property {
        typealias Target = UnixLike
        var name: String
        var content: Content
        var secrets: [Secret] { content.secrets }
        private var path: FilePath { Flag.path(name) }

        func check(on machine: Machine) async throws -> Check {
            guard let present = try machine.files.readIfPresent(path) else { return .unmet("absent", secrets: secrets) }
            return switch try content.compare(present, in: path.string, on: machine) {
            case .same: .satisfied
            case .different: .unmet("different", secrets: secrets)
            case .unknown(let until): .unknown(until: until)
            }
        }

        func apply(on machine: Machine) async throws {
            try machine.files.createDirectories("/flags", mode: 0o755)
            try await content.withBytes(on: machine) { try machine.files.replace(path, with: $0, mode: 0o600) }
        }
    }

    private func record(_ name: String) -> FilePath { FilePath("/var/lib/propel/secrets/%2Fflags%2F\(name).json") }

    private func keeps(_ name: String) -> Keeps { Keeps(name: name, content: "\(name)=\(Secret(name))") }

    /// Secrets that tell what they are asked for.
    private func secrets(_ plaintexts: [String: String], version: String = "1") -> Secrets {
        Secrets(versions: plaintexts.mapValues { _ in version }) { [recorder] names in
            recorder.add(names.joined(separator: ","))
            return try Dictionary(
                uniqueKeysWithValues: names.map { ($0, try SecretBytes(copying: Array((plaintexts[$0] ?? "").utf8))) })
        }
    }

    private var both: Host {
        fake.host {
            keeps("a"); keeps("b"); Flag("c")
        }
    }

    @Test func allAreAskedForAtOnceAndASecondRunAsksForNone() async {
        #expect(
            await fake.run(with: secrets(["a": "1", "b": "2"])).enforce(both).statuses == [
                "a": .changed, "b": .changed, "c": .changed,
            ])
        #expect(recorder.words == ["a,b"])
        #expect(fake.files.text(at: Flag.path("b")) == "b=2")
        #expect(
            await fake.run(with: secrets(["a": "1", "b": "2"])).enforce(both).statuses == [
                "a": .ok, "b": .ok, "c": .ok,
            ])
        #expect(recorder.words == ["a,b"])
    }

    @Test func aPlanAsksForNone() async {
        let plan = await fake.run(with: secrets(["a": "1", "b": "2"])).plan(both)
        #expect(plan.statuses == ["a": .wouldChange, "b": .wouldChange, "c": .wouldChange])
        #expect(recorder.words.isEmpty)
    }

    @Test func onlyTheNeededOneIsAskedFor() async {
        await fake.run(with: secrets(["a": "1", "b": "2"])).enforce(both)
        fake.files.put(Flag.path("b"), "tampered")
        #expect(
            await fake.run(with: secrets(["a": "1", "b": "2"])).enforce(both).statuses == [
                "a": .ok, "b": .changed, "c": .ok,
            ])
        #expect(recorder.words == ["a,b", "b"])
        #expect(fake.files.text(at: Flag.path("b")) == "b=2")
    }

    @Test func whatWasEncryptedAnewIsDecryptedOnceAndChangesNothing() async {
        await fake.run(with: secrets(["a": "1", "b": "2"])).enforce(both)
        let plan = await fake.run(with: secrets(["a": "1", "b": "2"], version: "2")).plan(both)
        #expect(plan.statuses == ["a": .unknown, "b": .unknown, "c": .ok])
        #expect(
            plan["a"]?.detail == "cannot tell until the secret a, which is new here or encrypted anew, is decrypted")
        #expect(
            await fake.run(with: secrets(["a": "1", "b": "2"], version: "2")).enforce(both).statuses == [
                "a": .ok, "b": .ok, "c": .ok,
            ])
        #expect(recorder.words == ["a,b", "a,b"])
        #expect(
            await fake.run(with: secrets(["a": "1", "b": "2"], version: "2")).enforce(both).statuses == [
                "a": .ok, "b": .ok, "c": .ok,
            ])
        #expect(recorder.words == ["a,b", "a,b"])
    }

    @Test func aNewPlaintextChangesWhatHasIt() async {
        await fake.run(with: secrets(["a": "1", "b": "2"])).enforce(both)
        #expect(
            await fake.run(with: secrets(["a": "1", "b": "3"], version: "2")).enforce(both).statuses == [
                "a": .ok, "b": .changed, "c": .ok,
            ])
        #expect(fake.files.text(at: Flag.path("b")) == "b=3")
    }

    @Test func otherTextAroundASecretIsAChange() async {
        await fake.run(with: secrets(["a": "1"])).enforce(fake.host { keeps("a") })
        let other = fake.host { Keeps(name: "a", content: "A=\(Secret("a"))") }
        #expect(await fake.run(with: secrets(["a": "1"])).plan(other).statuses == ["a": .wouldChange])
        #expect(await fake.run(with: secrets(["a": "1"])).enforce(other).statuses == ["a": .changed])
        #expect(fake.files.text(at: Flag.path("a")) == "A=1")
    }

    @Test func whatDoesNotComeFailsWhatNeedsItAndNothingElse() async {
        let none = Secrets(versions: ["a": "1", "b": "1"]) { _ in throw Failure("nobody is there") }
        let reports = await fake.run(with: none).enforce(both)
        #expect(reports.statuses == ["a": .failed, "b": .failed, "c": .changed])
        #expect(reports["a"]?.failure?.message == "nobody is there")
        #expect(fake.files[Flag.path("a")] == nil)
    }

    @Test func aHostWithoutThatSecretFails() async {
        let reports = await fake.run(with: secrets(["a": "1"])).enforce(both)
        #expect(reports["b"]?.status == .failed)
        #expect(reports["a"]?.status == .changed)
    }

    @Test func theRecordTellsNoSecretAndIsForRootAlone() async throws {
        await fake.run(with: secrets(["a": "canary-1", "b": "canary-2"])).enforce(both)
        for name in ["a", "b"] {
            let node = try #require(fake.files[record(name)])
            #expect(String(decoding: node.bytes, as: UTF8.self).contains("versions"))
            #expect(!String(decoding: node.bytes, as: UTF8.self).contains("canary"))
            #expect(node.status.mode == 0o600)
        }
        #expect(fake.files["/var/lib/propel/secrets"]?.status.mode == 0o700)
    }

    @Test func aDamagedRecordIsAskedAbout() async {
        await fake.run(with: secrets(["a": "1"])).enforce(fake.host { keeps("a") })
        fake.files.put(record("a"), "{", mode: 0o600)
        #expect(await fake.run(with: secrets(["a": "1"])).enforce(fake.host { keeps("a") }).statuses == ["a": .ok])
        #expect(recorder.words == ["a", "a"])
    }

    @Test func aHostNamesItsSecrets() {
        let host = fake.host {
            keeps("b"); keeps("a");
            PropertyGroup("g") {
                keeps("c"); keeps("a")
            }
        }
        #expect(host.secrets.map(\.description) == ["a", "b", "c"])
        #expect(host.malformedSecretNames == [])
        #expect(fake.host { keeps("../x") }.malformedSecretNames == ["../x"])
    }
}
