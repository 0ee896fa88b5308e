import Propel
import PropelTesting
import Testing

@Suite struct RevertTests {
    let fake = FakeMachine()

    @Test func aPropertyThatIsTakenBackIsGone() async {
        await fake.enforce { Flag("a") }
        let reports = await fake.enforce { Flag("a").reverted() }
        #expect(reports.statuses == ["no a": .changed])
        #expect(!fake.isSet("a"))
    }

    @Test func whatWasNeverThereIsOk() async {
        #expect(await fake.enforce { Flag("a").reverted() }.statuses == ["no a": .ok])
    }

    @Test func aRevertThatDoesNotHoldHasFailed() async {
        struct Sticky: Revertible {
            typealias Target = UnixLike
            var name: String { "sticky" }
            func check(on machine: Machine) async throws -> Check { .satisfied }
            func apply(on machine: Machine) async throws {}
            func checkReverted(on machine: Machine) async throws -> Check { .unmet("still there") }
            func revert(on machine: Machine) async throws {}
        }
        #expect(await fake.enforce { Sticky().reverted() }["no sticky"]?.status == .failed)
    }
}
