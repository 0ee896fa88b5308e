import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct StatusTests {
    let fake = FakeMachine()

    @Test func `a satisfied property is ok`() async {
        fake.put(flag: "a")
        let reports = await fake.enforce { Flag("a") { _ in Issue.record("applied") } }
        #expect(reports.statuses == ["a": .ok])
    }

    @Test func `an unsatisfied property is changed for the reason of its check`() async {
        let reports = await fake.enforce { Flag("a") }
        #expect(reports["a"]?.status == .changed)
        #expect(reports["a"]?.detail == "a is not set")
        #expect(fake.isSet("a"))
    }

    @Test func `a plan predicts a change with its diff`() async {
        let diff = Diff(from: Array("old\n".utf8), to: Array("new\n".utf8))
        let reports = await fake.plan { Flag("a").answering { _ in .unmet("other content", diff: diff) } }
        #expect(reports["a"]?.status == .wouldChange)
        #expect(reports["a"]?.diff == diff.text)
    }

    @Test func `a plan writes nothing`() async {
        fake.files.put("/var/lib/propel/pending/restart", "")
        let before = fake.files.snapshot
        await fake.plan {
            Flag("a").onChange(Note("restart"))
            Flag("b").requires(Flag("c"))
            Note("refresh").periodically(every: .days(1))
            Flag("d").reverted()
        }
        #expect(fake.files.writes == [])
        #expect(fake.files.snapshot == before)
        #expect(fake.files["/var/lib/propel/pending/restart"] != nil)
    }

    @Test func `a second run is all ok and writes nothing`() async {
        let host = fake.host {
            Flag("a").onChange(Note("restart"))
            PropertyGroup("group") {
                Flag("b")
                Flag("c").requires(Flag("d"))
            }
            Note("refresh").periodically(every: .days(1))
        }
        await fake.enforce(host)
        let writes = fake.files.writes.count
        let second = await fake.enforce(host)
        #expect(second.all.allSatisfy { $0.status == .ok } && second.all.count == 5)
        #expect(fake.files.writes.count == writes)
    }

    @Test func `a run starts no program for satisfied properties`() async {
        fake.put(flag: "a")
        let reports = await fake.enforce { Flag("a") }
        #expect(!reports.events.contains(.applying(path: "a")))
    }

    @Test func `a property that is unmet after its apply has failed with advice`() async {
        let reports = await fake.enforce { Flag("a", setsFlag: false) }
        #expect(reports["a"]?.status == .failed)
        #expect(reports["a"]?.failure?.message == "applied without an error, but still not satisfied: a is not set")
        #expect(reports["a"]?.failure?.advice?.isEmpty == false)
    }

    @Test func `a property that is undetermined after its apply has failed`() async {
        let recorder = Recorder()
        let property = Flag("a") { _ in recorder.add("applied") }
            .answering { _ in recorder.words.isEmpty ? .unmet("x") : .unknown(until: "the sun rises") }
        let reports = await fake.enforce { property }
        #expect(reports["a"]?.failure?.message.contains("until the sun rises") == true)
    }

    @Test func `a check that fails is a failure in plan and run`() async {
        let host = fake.host { Flag("a").answering { _ in throw Failure("cannot look") } }
        #expect(await fake.plan(host)["a"]?.failure?.message == "cannot look")
        #expect(await fake.enforce(host)["a"]?.failure?.message == "cannot look")
    }

    @Test func `a check that fails while changes are pending is unknown in the plan`() async {
        let reports = await fake.plan {
            Flag("a")
            Flag("b").answering { _ in throw Failure("cannot look") }
        }
        #expect(reports["b"]?.status == .unknown)
        #expect(reports["b"]?.detail == "cannot tell until what comes before it is applied")
    }

    @Test func `a check that still fails after the changes reports its reason`() async {
        let reports = await fake.enforce {
            Flag("a").requires(Flag("z").answering { _ in .unknown(until: "never") })
            Flag("b").answering { _ in throw Failure("cannot look") }
        }
        #expect(reports["b"]?.failure?.message == "cannot look")
    }

    @Test func `an undetermined check is unknown in the plan and decided in the run`() async {
        let host = fake.host {
            Flag("package") { try $0.set("service") }
            Flag("service").answering {
                try $0.files.status(of: Flag.path("package")) == nil ? .unknown(until: "package is installed") : nil
            }
        }
        #expect(await fake.plan(host)["service"]?.detail == "cannot tell until package is installed")
        #expect(await fake.enforce(host).statuses == ["package": .changed, "service": .ok])
    }

    @Test func `a check that stays undetermined fails with advice`() async {
        let reports = await fake.enforce { Flag("service").answering { _ in .unknown(until: "package is installed") } }
        #expect(
            reports["service"]?.failure?.message
                == "cannot tell until package is installed, and no earlier property has brought that about")
        #expect(reports["service"]?.failure?.advice?.isEmpty == false)
    }

    @Test func `a property that another brings about counts as changed`() async {
        let recorder = Recorder()
        let host = fake.host {
            Flag("a") { try $0.set("b") }
            Flag("b") { _ in recorder.add("b applied") }.onChange(Note("restart") { _ in recorder.add("restart") })
        }
        #expect(await fake.plan(host).statuses == ["a": .wouldChange, "b": .wouldChange, "restart": .wouldChange])
        #expect(await fake.enforce(host).statuses == ["a": .changed, "b": .changed, "restart": .changed])
        #expect(recorder.words == ["restart"])
    }

    @Test func `facts are read once in a survey and again after a change`() async {
        let recorder = Recorder()
        fake.commands.program("count") { _ in
            recorder.add("read")
            return .printing()
        }
        struct Counted: MachineFact {
            static func read(from machine: Machine) async throws -> Counted {
                try await machine.run("count")
                return Counted()
            }
        }
        let host = fake.host {
            for name in ["a", "b", "c"] {
                Flag(name).answering { machine in
                    _ = try await machine.fact(Counted.self)
                    return nil
                }
            }
        }
        await fake.plan(host)
        #expect(recorder.words.count == 1)
        fake.put(flag: "b")
        fake.put(flag: "c")
        await fake.enforce(host)
        // Once in the survey, once after a was applied.
        #expect(recorder.words.count == 3)
    }

    @Test func `a failure shows command, status, last lines and place`() async throws {
        fake.commands.program("apt-get", status: 100, errors: (1...30).map { "line \($0)" }.joined(separator: "\n"))
        let line = #line + 1
        let reports = await fake.enforce { Flag("a") { try await $0.run("apt-get", "install", "it's") } }
        let failure = try #require(reports["a"]?.failure)
        #expect(failure.message == "apt-get failed")
        #expect(failure.command == #"apt-get install 'it'\''s'"#)
        #expect(failure.ending == "exit status 100")
        #expect(failure.output == (11...30).map { "line \($0)" })
        #expect(reports["a"]?.place == "Sources/PropelTests/StatusTests.swift:\(line)")
    }

    @Test func `a missing program is named with what to install`() async {
        let reports = await fake.enforce { Flag("a") { try await $0.run("frobnicate") } }
        #expect(reports["a"]?.failure?.ending == "no such program")
        #expect(reports["a"]?.failure?.advice?.contains("frobnicate") == true)
    }

    @Test func `a full disk is reported`() async {
        fake.files.put(directory: "/srv")
        fake.files.fail("/srv/big", with: .noSpace)
        let reports = await fake.enforce { Flag("a") { try $0.files.replace("/srv/big", with: [1], mode: 0o644) } }
        #expect(reports["a"]?.failure?.message == "cannot write /srv/big: No space left on device")
        let advice = reports["a"]?.failure?.advice ?? ""
        #expect(advice.contains("df -h") && advice.contains("df -i"), "space and inodes: \(advice)")
    }

    @Test(arguments: [
        (Errno.readOnlyFileSystem, "Read-only file system", "findmnt"), (.isDirectory, "Is a directory", "Declare"),
        (.notDirectory, "Not a directory", "namei"),
        (.noSuchFileOrDirectory, "No such file or directory", "Declare it"),
        (.ioError, "Input/output error", "dmesg"),
    ])
    func `an error of a file names the path and the next step`(
        _ cause: Errno, _ reason: String, _ advice: String
    ) async {
        fake.files.put(directory: "/srv")
        fake.files.fail("/srv/x", with: cause)
        let reports = await fake.enforce { Flag("a") { try $0.files.replace("/srv/x", with: [1], mode: 0o644) } }
        #expect(reports["a"]?.failure?.message == "cannot write /srv/x: \(reason)")
        #expect(reports["a"]?.failure?.advice?.contains(advice) == true)
    }

    @Test func `a damaged record names its file and what to do`() throws {
        fake.files.put("/var/lib/propel/stacks/x.clone", "")
        let failure = #expect(throws: Failure.self) {
            _ = try fake.files.record(at: "/var/lib/propel/stacks/x.clone", movedAway: "Then it is new.") { $0 }
        }
        #expect(failure?.message.hasPrefix("the record /var/lib/propel/stacks/x.clone is damaged: ") == true)
        #expect(failure?.advice == "Move it away. Then it is new.")
        #expect(try fake.files.record(at: "/none", movedAway: "") { $0 } == nil)
    }

    @Test func `the summary counts every property`() async {
        fake.put(flag: "a")
        let host = fake.host {
            Flag("a")
            Flag("b")
            Flag.failing("c")
            Flag("d").requires(Flag.failing("c"))
        }
        let ending = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(ending == RunSummary(counts: [.ok: 1, .changed: 1, .failed: 1, .skipped: 1]))
    }

    @Test func `what an apply that failed has changed is looked at again`() async {
        fake.put(flag: "b")
        let reports = await fake.enforce {
            Flag("a") { machine in
                try machine.files.remove(Flag.path("b"))
                throw Failure("no luck")
            }
            Flag("b")
        }
        #expect(reports.statuses == ["a": .failed, "b": .changed])
        #expect(fake.isSet("b"))
    }

    @Test func `facts are read again after an apply that failed`() async {
        let reports = await fake.enforce {
            Flag("a") { machine in
                try machine.set("seen")
                throw Failure("no luck")
            }
            Flag("b") { _ in Issue.record("an old fact counts") }.answering { machine in
                try await machine.fact(Seen.self).isSet ? .satisfied : .unmet("not seen")
            }
        }
        #expect(reports.statuses == ["a": .failed, "b": .changed])
    }

    private struct Seen: MachineFact {
        var isSet: Bool
        static func read(from machine: Machine) async throws -> Seen {
            Seen(isSet: try machine.files.status(of: Flag.path("seen")) != nil)
        }
    }
}
