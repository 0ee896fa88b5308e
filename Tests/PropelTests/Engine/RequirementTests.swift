import Propel
import PropelTesting
import Testing

@Suite struct RequirementTests {
    let fake = FakeMachine()

    @Test func aRequirementIsAppliedFirst() async {
        let reports = await fake.enforce { Flag("a").requires(Flag("b")) }
        #expect(reports.all.map(\.path) == ["b", "a"])
    }

    @Test func requirementsOfRequirementsComeBeforeThem() async {
        let reports = await fake.enforce { Flag("a").requires(Flag("b").requires(Flag("c"))) }
        #expect(reports.all.map(\.path) == ["c", "b", "a"])
    }

    @Test func aFailureSkipsWhatRequiresItAndNothingElse() async {
        let reports = await fake.enforce {
            Flag("a").requires(Flag("b").requires(Flag.failing("c")))
            Flag("d")
        }
        #expect(reports.statuses == ["c": .failed, "b": .skipped, "a": .skipped, "d": .changed])
        #expect(reports["b"]?.detail == "requires c, which failed")
        #expect(reports["a"]?.detail == "requires b, which was skipped")
    }

    @Test func ofTwoRequirementsOneMayFailWithoutTheOther() async {
        let reports = await fake.enforce { Flag("a").requires(Flag.failing("b")).requires(Flag("c")) }
        #expect(reports.statuses == ["b": .failed, "c": .changed, "a": .skipped])
    }

    @Test func aPlanSkipsWhatRequiresSomethingThatCannotBeLookedAt() async {
        let host = fake.host {
            Flag("a").requires(Flag("b").answering { _ in throw Failure("broken") })
            Flag("c").answering { _ in throw Failure("broken too") }
        }
        let expected: [String: PropertyReport.Status] = ["b": .failed, "a": .skipped, "c": .failed]
        #expect(await fake.plan(host).statuses == expected)
        #expect(await fake.enforce(host).statuses == expected)
    }

    @Test func requiringAGroupIsRequiringEachOfItsMembers() async {
        let reports = await fake.enforce {
            Flag("a").requires(
                PropertyGroup("group", for: UnixLike.self) {
                    Flag.failing("b")
                    Flag("c")
                })
        }
        #expect(reports.statuses == ["group/b": .failed, "group/c": .changed, "a": .skipped])
    }

    @Test func whatAGroupRequiresEachOfItsMembersRequires() async {
        let reports = await fake.enforce {
            PropertyGroup("group") {
                Flag("a")
                Flag("b")
            }.requires(Flag.failing("c"))
        }
        #expect(reports.statuses == ["c": .failed, "group/a": .skipped, "group/b": .skipped])
    }

    @Test func aMemberOfAGroupThatFailsDoesNotStopTheOthers() async {
        let reports = await fake.enforce {
            PropertyGroup("group") {
                Flag.failing("a")
                Flag("b")
            }
        }
        #expect(reports.statuses == ["group/a": .failed, "group/b": .changed])
    }

    @Test func aRequirementForOtherMachinesIsNoObstacle() async {
        let host = fake.host { Flag("a").requires { WhenOS(Debian.self, release: 13) { Flag("b") } } }
        #expect(await fake.plan(host).statuses == ["a": .wouldChange])
        #expect(await fake.enforce(host).statuses == ["a": .changed])
    }

    @Test func aRequirementThatIsDeclaredAlreadyIsNotAppliedAgain() async {
        let reports = await fake.enforce {
            Flag("b")
            Flag("a").requires(Flag("b"))
        }
        #expect(reports.all.map(\.path) == ["b", "a"])
    }

    @Test func aPropertyThatIsRequiredBeforeItsOwnPlaceComesFirst() async {
        let reports = await fake.enforce {
            Flag("a").requires(Flag("b"))
            Flag("b").requires(Flag("c"))
        }
        // It cannot wait for c where a needs it, but c must still come before it where it says so.
        #expect(reports.all.map(\.path) == ["b", "a", "c", "b"])
        #expect(reports.all.map(\.status) == [.changed, .changed, .changed, .changed])
    }

    @Test func aPropertyThatRequiresItselfEnds() async {
        let reports = await fake.enforce { Flag("a").requires(Flag("a")) }
        #expect(reports.all.map(\.status) == [.changed, .changed])
    }
}
