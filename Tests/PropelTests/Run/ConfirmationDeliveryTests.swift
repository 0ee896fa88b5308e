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
    }

    /// It may also arrive once nobody waits for it.
    @Test func `the refusal of an earlier question is no answer to another one`() async {
        let delivery = delivery()
        for token in ["1f", "2e", "3d"] {
            let looks = Recorder()
            let reason = await delivery.request(token) {
                looks.add("look")
                return looks.words.count == 3
            }
            #expect(reason == nil && looks.words.count == 3, "\(token)")
            _ = await delivery.request("refused") {
                delivery.refuse(Unconfirmed(.login, "permission denied"))
                return false
            }
            delivery.refuse(Unconfirmed(.root, "late"))
        }
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
