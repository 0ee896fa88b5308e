import Propel
import PropelTesting
import RecordedOperations
import Synchronization
import Testing

private struct Wish: Propel.Expectation {
    typealias Target = UnixLike
    let name: String
    var timeout: Duration = .zero
    var interval: Duration = .zero
    var isFulfilled: @Sendable (Machine) async throws -> Bool

    init(_ name: String, timeout: Duration = .zero, _ isFulfilled: @escaping @Sendable (Machine) async throws -> Bool) {
        self.name = name
        self.timeout = timeout
        self.isFulfilled = isFulfilled
    }

    func check(on machine: Machine) async throws -> Check {
        try await isFulfilled(machine) ? .satisfied : .unmet("\(name) is not there")
    }
}

/// What must hold after a run.
@Suite(.recorded) struct ExpectationTests {
    let fake = FakeMachine()
    let recorder = Recorder()

    private func isSet(_ flag: String) -> @Sendable (Machine) async throws -> Bool {
        { try $0.files.status(of: Flag.path(flag)) != nil }
    }

    @Test func `it is looked at after everything else`() async {
        let reports = await fake.enforce {
            Wish("page", isSet("restarted"))
            Flag("a").onChange(Note("restart") { try $0.set("restarted") })
        }
        #expect(reports.all.map(\.path) == ["a", "restart", "page"])
        #expect(reports["page"]?.status == .ok)
    }

    @Test func `a run after which it does not hold has failed`() async {
        let host = fake.host {
            Wish("page", isSet("nothing"))
            Flag("a")
        }
        let end = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(end.counts == [.changed: 1, .failed: 1])
        // After a run without changes too.
        let reports = await fake.enforce(host)
        #expect(reports.statuses == ["a": .ok, "page": .failed])
        #expect(reports["page"]?.failure?.message == "expected of the machine: page; page is not there")
        #expect(reports["page"]?.place != nil)
    }

    @Test func `it is waited for`() async {
        let looks = Recorder()
        let wish = Wish("page", timeout: .hours(1)) { _ in
            looks.add("look")
            return looks.words.count == 3
        }
        let reports = await fake.enforce { wish }
        #expect(looks.words.count == 3)
        #expect(reports["page"]?.status == .ok)
        #expect(reports.events.contains(.progress(path: "page", words: "page is not there")))
    }

    @Test func `time in which the machine stood still is no time to hold`() async throws {
        let looks = Recorder(), start = ContinuousClock.now
        let wish = Wish("page", timeout: .seconds(30)) { _ in
            looks.add("look")
            return looks.words.count == 5
        }
        let reason = try await wish.reasonNotToHold(
            on: fake.machine, now: { looks.words.count < 2 ? start : start + .seconds(3600) })
        #expect(reason == nil)
    }

    @Test func `each look is at the machine as it is then`() async {
        struct Count: MachineFact {
            let value: Int
            static func read(from machine: Machine) async throws -> Count {
                let text = (try? machine.files.text("/count")) ?? ""
                try machine.files.replace("/count", with: Array((text + "x").utf8), mode: 0o644)
                return Count(value: text.utf8.count)
            }
        }
        let reports = await fake.enforce {
            Wish("page", timeout: .hours(1)) { try await $0.fact(Count.self).value == 2 }
        }
        #expect(reports["page"]?.status == .ok)
    }

    @Test func `an error of the check does not pass by waiting`() async {
        let reports = await fake.enforce {
            Wish("page", timeout: .hours(1)) { _ in throw Failure("no curl", advice: "Install it.") }
        }
        #expect(reports["page"]?.failure?.message == "no curl")
    }

    @Test func `a plan that changes nothing looks at it, any other says that it will be`() async {
        let host = fake.host {
            Wish("page", isSet("a"))
            Wish("mail", isSet("nothing"))
            Flag("a")
        }
        let plan = await fake.plan(host)
        #expect(plan.all.map(\.path) == ["a", "page", "mail"])
        #expect(plan["page"]?.status == .unknown)
        #expect(plan["page"]?.detail == "cannot tell until the run is over")
        fake.put(flag: "a")
        let before = fake.files.snapshot
        #expect(await fake.plan(host).statuses == ["a": .ok, "page": .ok, "mail": .failed])
        #expect(fake.files.snapshot == before)
        #expect(await fake.enforce(host).statuses == ["a": .ok, "page": .ok, "mail": .failed])
    }

    @Test func `it is skipped if what it requires failed, and blocks nothing itself`() async {
        let reports = await fake.enforce {
            Wish("page", isSet("nothing")).requires(Flag.failing("a"))
            PropertyGroup("group") {
                Wish("mail", isSet("nothing"))
                Flag("b")
            }
            Flag("c").requires(Flag("b"))
        }
        #expect(reports["page"]?.status == .skipped)
        #expect(reports["page"]?.detail == "requires a, which failed")
        #expect(reports["c"]?.status == .changed)
        #expect(reports["group/mail"]?.status == .failed)
    }

    @Test func `it is for the machines of its condition`() async {
        let reports = await fake.enforce { When(.architecture("none")) { Wish("page", isSet("nothing")) } }
        #expect(reports.all.isEmpty)
    }

    @Test func `an interrupted run does not look`() async {
        let gate = Gate()
        let host = fake.host {
            Flag("a") { _ in
                await gate.open()
                try await Task.sleep(for: .seconds(3600))
            }
            Wish("page") { _ in
                Issue.record("looked")
                return true
            }
        }
        let run = Task { await fake.enforce(host) }
        await gate.passed()
        run.cancel()
        #expect(await run.value["page"]?.status == .skipped)
    }

    @Test func `a run that goes on after a restart looks at its end`() async {
        let host = fake.host {
            Wish("page", isSet("b"))
            Flag("a").onChangeNow(FakeRestart(log: recorder))
            Flag("b")
        }
        #expect(await fake.enforce(host).all.map(\.path) == ["a", "restart the machine"])
        #expect(await fake.enforce(host).statuses == ["a": .ok, "b": .changed, "page": .ok])
    }

    @Test func `a run on a part looks at what belongs to it`() async {
        let host = fake.host {
            Flag("a")
            PropertyGroup("shop") {
                Flag("b")
                Wish("page", isSet("b"))
            }
            Wish("mail", isSet("nothing"))
        }
        #expect(await fake.enforce(host, only: ["shop"]).statuses == ["shop/b": .changed, "shop/page": .ok])
    }
}
