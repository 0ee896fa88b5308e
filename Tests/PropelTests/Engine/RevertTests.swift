import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct RevertTests {
    let fake = FakeMachine()

    @Test func `a reverted property is removed`() async {
        await fake.enforce { Flag("a") }
        let reports = await fake.enforce { Flag("a").reverted() }
        #expect(reports.statuses == ["no a": .changed])
        #expect(!fake.isSet("a"))
    }

    @Test func `reverting a property that was never applied is ok`() async {
        #expect(await fake.enforce { Flag("a").reverted() }.statuses == ["no a": .ok])
    }

    @Test func `a revert without effect has failed`() async {
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
