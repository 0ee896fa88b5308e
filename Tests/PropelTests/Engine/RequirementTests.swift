import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct RequirementTests {
    let fake = FakeMachine()

    @Test func `a requirement is applied first`() async {
        let reports = await fake.enforce { Flag("a").requires(Flag("b")) }
        #expect(reports.all.map(\.path) == ["b", "a"])
    }

    @Test func `requirements of requirements are applied before them`() async {
        let reports = await fake.enforce { Flag("a").requires(Flag("b").requires(Flag("c"))) }
        #expect(reports.all.map(\.path) == ["c", "b", "a"])
    }

    @Test func `a failure skips its dependents and nothing else`() async {
        let reports = await fake.enforce {
            Flag("a").requires(Flag("b").requires(Flag.failing("c")))
            Flag("d")
        }
        #expect(reports.statuses == ["c": .failed, "b": .skipped, "a": .skipped, "d": .changed])
        #expect(reports["b"]?.detail == "requires c, which failed")
        #expect(reports["a"]?.detail == "requires b, which was skipped")
    }

    @Test func `two requirements fail independently`() async {
        let reports = await fake.enforce { Flag("a").requires(Flag.failing("b")).requires(Flag("c")) }
        #expect(reports.statuses == ["b": .failed, "c": .changed, "a": .skipped])
    }

    @Test func `a plan skips the dependents of a property whose check fails`() async {
        let host = fake.host {
            Flag("a").requires(Flag("b").answering { _ in throw Failure("broken") })
            Flag("c").answering { _ in throw Failure("broken too") }
        }
        let expected: [String: PropertyReport.Status] = ["b": .failed, "a": .skipped, "c": .failed]
        #expect(await fake.plan(host).statuses == expected)
        #expect(await fake.enforce(host).statuses == expected)
    }

    @Test func `requiring a group requires each of its members`() async {
        let reports = await fake.enforce {
            Flag("a").requires(
                PropertyGroup("group", for: UnixLike.self) {
                    Flag.failing("b")
                    Flag("c")
                })
        }
        #expect(reports.statuses == ["group/b": .failed, "group/c": .changed, "a": .skipped])
    }

    @Test func `each member of a group has the requirements of the group`() async {
        let reports = await fake.enforce {
            PropertyGroup("group") {
                Flag("a")
                Flag("b")
            }.requires(Flag.failing("c"))
        }
        #expect(reports.statuses == ["c": .failed, "group/a": .skipped, "group/b": .skipped])
    }

    @Test func `a failed member of a group does not stop the others`() async {
        let reports = await fake.enforce {
            PropertyGroup("group") {
                Flag.failing("a")
                Flag("b")
            }
        }
        #expect(reports.statuses == ["group/a": .failed, "group/b": .changed])
    }

    @Test func `a requirement for other machines does not block`() async {
        let host = fake.host { Flag("a").requires { WhenOS(Debian.self, release: 13) { Flag("b") } } }
        #expect(await fake.plan(host).statuses == ["a": .wouldChange])
        #expect(await fake.enforce(host).statuses == ["a": .changed])
    }

    @Test func `a requirement that is declared already is not applied again`() async {
        let reports = await fake.enforce {
            Flag("b")
            Flag("a").requires(Flag("b"))
        }
        #expect(reports.all.map(\.path) == ["b", "a"])
    }

    @Test func `a property that is required before its own place comes first`() async {
        let reports = await fake.enforce {
            Flag("a").requires(Flag("b"))
            Flag("b").requires(Flag("c"))
        }
        // As a requirement of a it cannot wait for c, but where it requires c itself, c comes first.
        #expect(reports.all.map(\.path) == ["b", "a", "c", "b"])
        #expect(reports.all.map(\.status) == [.changed, .changed, .changed, .changed])
    }

    @Test func `a property that requires itself does not loop`() async {
        let reports = await fake.enforce { Flag("a").requires(Flag("a")) }
        #expect(reports.all.map(\.status) == [.changed, .changed])
    }
}
