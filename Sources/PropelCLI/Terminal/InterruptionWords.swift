import Propel

/// The question of Ctrl-C at a terminal about runs that can go on without this process, and the words after its answer.
struct InterruptionWords {
    /// The names of their machines.
    var hosts: [String]
    /// Whether hosts are deployed together, so that nobody can decide about their changes once this process has ended;
    /// see ``Wave``.
    var isTogether = false

    var question: String {
        let consequence =
            isTogether ? "Stopped or left, a host puts back what it has changed, unless its wave is done.\n" : ""
        let choices =
            host.map { "Stop the run on \($0), leave it going, or go back?" }
            ?? "Stop the runs, leave them going, or go back?"
        return consequence + choices
    }

    var leaving: String {
        var words = [host.map { "Left: the run on \($0) goes on." } ?? "Left: the runs that have begun go on."]
        let joining = host.map { "`propel attach \($0)` joins it again" } ?? "`propel attach HOST` joins one again"
        if isTogether {
            let (run, itself) = host == nil ? ("they put", "they are") : ("it puts", "it is")
            words.append(
                "Unless it was decided before that the changes of the wave stay, \(run) them back, "
                    + "\(WaveDelivery.limit.inWords) after \(itself) done at the latest.")
        }
        return (words + [joining + (isTogether ? ", but decides nothing." : ".")]).joined(separator: " ")
    }

    var stopping: String {
        Interruption.Listener.stopping
            + (isTogether ? " They put back what they have changed, unless it was decided before that it stays." : "")
    }

    /// The name of the machine, if there is one only.
    private var host: String? { hosts.count == 1 ? hosts[0].oneLine : nil }
}
