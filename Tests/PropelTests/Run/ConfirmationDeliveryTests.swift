import PropelTesting
import Testing

@testable import Propel

@Suite struct ConfirmationDeliveryTests {
    private let asked = Recorder()

    private func delivery(_ deadline: Duration = .seconds(3600)) -> ConfirmationDelivery {
        ConfirmationDelivery(deadline: deadline, interval: .milliseconds(1)) { [asked] in asked.add($0) }
    }

    @Test func `it waits until the confirmation is on the disk`() async {
        let looks = Recorder()
        let reason = await delivery().request("1f") {
            looks.add("look")
            return looks.words.count == 3
        }
        #expect(reason == nil && looks.words.count == 3)
        #expect(asked.words == ["1f"])
    }

    @Test func `a proof that failed ends the wait`() async {
        let delivery = delivery()
        let reason = await delivery.request("1f") {
            delivery.refuse(Unconfirmed(.root, "sudo asks for a password"))
            return false
        }
        #expect(reason == Unconfirmed(.root, "sudo asks for a password"))
        #expect(await delivery.request("2e") { true } == nil, "an earlier refusal is no answer to another question")
    }

    @Test func `the token is open while it is waited for`() async {
        let delivery = delivery(), seen = Recorder()
        _ = await delivery.request("1f") {
            seen.add(delivery.awaited ?? "none")
            return true
        }
        #expect(seen.words == ["1f"] && delivery.awaited == nil)
    }

    @Test func `silence is no confirmation`() async {
        let reason = await delivery(.zero).request("1f") { false }
        #expect(reason?.proof == nil && reason?.reason.contains("within") == true)
    }

    @Test func `an interruption ends the wait`() async {
        let delivery = delivery()
        let reason = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await delivery.request("1f") { false }
        }.value
        #expect(reason == Unconfirmed("the run was interrupted"))
    }
}
