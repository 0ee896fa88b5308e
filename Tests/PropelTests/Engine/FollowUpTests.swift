import Propel
import PropelTesting
import RecordedOperations
import Testing

@Suite(.recorded) struct FollowUpTests {
    let fake = FakeMachine()

    @Test func `a run ends with what is left for a person, once each`() async throws {
        let host = fake.host {
            Flag("a").onChange(Note("x") { $0.noteFollowUp("log in again") })
            Flag("b").onChange(Note("y") { $0.noteFollowUp("log in again") })
            Flag("c").onChange(Note("z") { $0.noteFollowUp("restart") })
            Flag("d").onChange(Note("restart") { $0.removeFollowUp("restart") })
        }
        let summary = await Engine(host: host, machine: fake.machine) { _ in }.enforce()
        #expect(summary.followUps == ["log in again"])
        let event = Event.ended(summary)
        #expect(try Event(event.json) == event)
    }
}
