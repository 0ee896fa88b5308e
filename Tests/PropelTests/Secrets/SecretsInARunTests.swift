import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct SecretsInARunTests {
    let fake = FakeMachine()
    let recorder = Recorder()

    /// A property that is satisfied if its file contains the plaintext.
    private struct Keeps: Property {
        typealias Target = UnixLike
        var name: String
        var content: Content
        var secrets: [Secret] { content.secrets }
        private var path: FilePath { Flag.path(name) }

        func check(on machine: Machine) async throws -> Check {
            guard let present = try machine.files.readIfPresent(path) else { return .unmet("absent", secrets: secrets) }
            return try content.matches(present, in: path.string, on: machine)
                ? .satisfied : .unmet("different", secrets: secrets)
        }

        func apply(on machine: Machine) async throws {
            try machine.files.createDirectories("/flags", mode: 0o755)
            try await content.withBytes(on: machine) { try machine.files.replace(path, with: $0, mode: 0o600) }
        }
    }

    private func record(_ name: String) -> FilePath { FilePath("/var/lib/propel/secrets/%2Fflags%2F\(name).json") }

    private func keeps(_ name: String) -> Keeps { Keeps(name: name, content: "\(name)=\(Secret(name))") }

    /// Secrets that record which plaintexts are requested.
    private func secrets(
        _ plaintexts: [String: String], version: String = "1", except others: [String: String] = [:]
    ) -> Secrets {
        Secrets(versions: plaintexts.mapValues { _ in version }.merging(others) { $1 }) { [recorder] names in
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

    @Test func `plaintexts are requested at once, and a second run requests none`() async {
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

    @Test func `a plan requests no plaintext`() async {
        let plan = await fake.run(with: secrets(["a": "1", "b": "2"])).plan(both)
        #expect(plan.statuses == ["a": .wouldChange, "b": .wouldChange, "c": .wouldChange])
        #expect(recorder.words.isEmpty)
    }

    @Test func `only the needed plaintext is requested`() async {
        await fake.run(with: secrets(["a": "1", "b": "2"])).enforce(both)
        fake.files.put(Flag.path("b"), "tampered")
        #expect(
            await fake.run(with: secrets(["a": "1", "b": "2"])).enforce(both).statuses == [
                "a": .ok, "b": .changed, "c": .ok,
            ])
        #expect(recorder.words == ["a,b", "b"])
        #expect(fake.files.text(at: Flag.path("b")) == "b=2")
    }

    @Test func `a secret that was encrypted again is decrypted once and changes nothing`() async {
        await fake.run(with: secrets(["a": "1", "b": "2"])).enforce(both)
        let plan = await fake.run(with: secrets(["a": "1", "b": "2"], version: "2")).plan(both)
        #expect(plan.statuses == ["a": .unknown, "b": .unknown, "c": .ok])
        #expect(
            plan["a"]?.detail
                == "cannot tell until the secret a, which is new here or was encrypted again, is decrypted")
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

    @Test func `a new plaintext changes the place that has it`() async {
        await fake.run(with: secrets(["a": "1", "b": "2"])).enforce(both)
        #expect(
            await fake.run(with: secrets(["a": "1", "b": "3"], version: "2")).enforce(both).statuses == [
                "a": .ok, "b": .changed, "c": .ok,
            ])
        #expect(fake.files.text(at: Flag.path("b")) == "b=3")
    }

    @Test func `each of the secrets in a place is compared`() async {
        let host = fake.host { Keeps(name: "all", content: "\(Secret("a")) \(Secret("b")) \(Secret("c"))") }
        let former = ["a": "1", "b": "2", "c": "3"]
        await fake.run(with: secrets(former)).enforce(host)
        for name in ["a", "b", "c"] {
            let plan = await fake.run(with: secrets(former, except: [name: "2"])).plan(host)
            #expect(plan.statuses == ["all": .unknown], "\(name)")
            #expect(
                plan["all"]?.detail
                    == "cannot tell until the secret \(name), which is new here or was encrypted again, is decrypted")
        }
        var present = former
        for name in ["a", "b", "c"] {
            present[name] = "new"
            let run = fake.run(with: secrets(present, version: "for \(name)"))
            #expect(await run.enforce(host).statuses == ["all": .changed], "\(name)")
        }
        #expect(fake.files.text(at: Flag.path("all")) == "new new new")
    }

    @Test func `other text around a secret is a change`() async {
        await fake.run(with: secrets(["a": "1"])).enforce(fake.host { keeps("a") })
        let other = fake.host { Keeps(name: "a", content: "A=\(Secret("a"))") }
        #expect(await fake.run(with: secrets(["a": "1"])).plan(other).statuses == ["a": .wouldChange])
        #expect(await fake.run(with: secrets(["a": "1"])).enforce(other).statuses == ["a": .changed])
        #expect(fake.files.text(at: Flag.path("a")) == "A=1")
    }

    @Test func `a plaintext that does not arrive fails the properties that need it and nothing else`() async {
        let none = Secrets(versions: ["a": "1", "b": "1"]) { _ in throw Failure("nobody is there") }
        let reports = await fake.run(with: none).enforce(both)
        #expect(reports.statuses == ["a": .failed, "b": .failed, "c": .changed])
        #expect(reports["a"]?.failure?.message == "nobody is there")
        #expect(fake.files[Flag.path("a")] == nil)
    }

    @Test func `a property whose secret the host lacks fails`() async {
        let reports = await fake.run(with: secrets(["a": "1"])).enforce(both)
        #expect(reports["b"]?.status == .failed)
        #expect(reports["a"]?.status == .changed)
    }

    @Test func `the record contains no secret and is readable by root only`() async throws {
        await fake.run(with: secrets(["a": "canary-1", "b": "canary-2"])).enforce(both)
        for name in ["a", "b"] {
            let node = try #require(fake.files[record(name)])
            #expect(String(decoding: node.bytes, as: UTF8.self).contains("versions"))
            #expect(!String(decoding: node.bytes, as: UTF8.self).contains("canary"))
            #expect(node.status.mode == 0o600)
        }
        #expect(fake.files["/var/lib/propel/secrets"]?.status.mode == 0o700)
    }

    @Test func `a damaged record takes the plaintext`() async {
        await fake.run(with: secrets(["a": "1"])).enforce(fake.host { keeps("a") })
        fake.files.put(record("a"), "{", mode: 0o600)
        #expect(await fake.run(with: secrets(["a": "1"])).enforce(fake.host { keeps("a") }).statuses == ["a": .ok])
        #expect(recorder.words == ["a", "a"])
    }

    @Test func `a host lists its secrets`() {
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
