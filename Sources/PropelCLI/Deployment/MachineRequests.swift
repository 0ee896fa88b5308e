import Propel

/// A request of a machine that should be answered.
struct MachineRequest: Equatable {
    /// The request: `needs`, `fetch` or `confirm`.
    var event: Event
    /// The request with what its run has begun with; nil for a run that is followed from its beginning.
    var begun: OpenRequest?
}

/// The answers to the requests of a run, over one connection to it.
///
/// They are made in other tasks: while gpg-agent waits for a passphrase, the heartbeats are still read.
struct MachineRequests {
    /// The name of the host.
    let host: String
    let instructions: Instructions
    /// Reports what cannot be brought to a run that somebody else has begun; nil for a run of this process.
    let warn: (@Sendable (String) -> Void)?
    let report: @Sendable (HostRun.Progress) -> Void
    /// Delivers a token for guarded changes over a new connection; returns why that is not possible.
    let deliver: @Sendable (_ token: String) async -> Unconfirmed?
    private var confirmation: (token: String, task: Task<Void, Never>)?

    init(
        of host: String, _ instructions: Instructions, warn: (@Sendable (String) -> Void)?,
        report: @escaping @Sendable (HostRun.Progress) -> Void,
        deliver: @escaping @Sendable (_ token: String) async -> Unconfirmed?
    ) {
        self.host = host
        self.instructions = instructions
        self.warn = warn
        self.report = report
        self.deliver = deliver
    }

    mutating func answer(_ request: MachineRequest) {
        if let begun = request.begun, begun.host != host {
            warn?("the run is for \(begun.host): `propel attach \(begun.host)` can bring what it needs")
            return
        }
        switch request.event {
        case .needs(let names):
            if let begun = request.begun {
                instructions.send(secrets: names, asIn: begun.secrets)
            } else {
                instructions.send(secrets: names)
            }
        case .fetch(let range): instructions.send(range)
        case .confirm(let token) where token != confirmation?.token: confirm(token)
        default: break
        }
    }

    private mutating func confirm(_ token: String) {
        report(.doing("confirming over a new connection"))
        end()
        let task = Task { [deliver, instructions] in
            let reason = await deliver(token)
            // One that was cancelled says nothing about the changes that wait now.
            if let reason, !Task.isCancelled { instructions.send(reason) }
        }
        confirmation = (token, task)
    }

    /// Gives up a confirmation that is not done.
    func end() { confirmation?.task.cancel() }
}
