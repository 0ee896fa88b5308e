import Testing

@testable import PropelCLI

@Suite struct InterruptionWordsTests {
    @Test func `a run is named, and what joins it again`() {
        let words = InterruptionWords(hosts: ["web1"])
        #expect(words.question == "Stop the run on web1, leave it going, or go back?")
        #expect(words.leaving == "Left: the run on web1 goes on. `propel attach web1` joins it again.")
        #expect(words.stopping == "Stopping: terminating what is running on the machines.")
    }

    @Test func `several runs are not listed`() {
        let words = InterruptionWords(hosts: ["web1", "web2"])
        #expect(words.question == "Stop the runs, leave them going, or go back?")
        #expect(words.leaving == "Left: the runs that have begun go on. `propel attach HOST` joins one again.")
    }

    /// Whatever the answer, nobody can decide that they stay.
    @Test func `of hosts that are deployed together it is told that their changes go back`() {
        let alone = InterruptionWords(hosts: ["web1"], isTogether: true)
        let words = InterruptionWords(hosts: ["web1", "web2"], isTogether: true)
        let consequence = "Stopped or left, a host puts back what it has changed, unless its wave is done."
        #expect(words.question == "\(consequence)\nStop the runs, leave them going, or go back?")
        #expect(alone.question == "\(consequence)\nStop the run on web1, leave it going, or go back?")
        #expect(
            words.leaving == "Left: the runs that have begun go on. Unless it was decided before that the changes of "
                + "the wave stay, they put them back, 15 minutes after they are done at the latest. "
                + "`propel attach HOST` joins one again, but decides nothing.")
        #expect(alone.leaving.hasPrefix("Left: the run on web1 goes on. Unless"))
        #expect(
            alone.leaving.contains("it puts them back, 15 minutes after it is done at the latest. `propel attach web1`")
        )
        #expect(words.stopping.hasPrefix("Stopping: terminating what is running on the machines. They put back"))
    }

    @Test func `a name from hosts_conf prints no control character`() {
        let words = InterruptionWords(hosts: ["web\u{1B}[2J"], isTogether: true)
        for text in [words.question, words.leaving] { #expect(!text.contains("\u{1B}")) }
    }
}
