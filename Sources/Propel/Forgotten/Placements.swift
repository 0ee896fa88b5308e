/// Records what a run puts in place, before it does.
struct Placements {
    /// No for an operation: what it does is not declared.
    let isRecorded: Bool
    private var noted: Set<Placed> = []

    init(isRecorded: Bool) { self.isRecorded = isRecorded }

    /// Records what the steps, which are unmet, are about to put in place. A package or a user that is there already
    /// was put there by somebody else.
    /// - Throws: the error of the record: what is not in it would never be found again.
    mutating func note(_ steps: [Step], on machine: Machine) async throws {
        guard isRecorded else { return }
        var new: [Placed] = []
        for placed in steps.flatMap({ Placed.of($0, in: machine.repository.manifest) })
        where noted.insert(placed).inserted {
            switch placed.kind {
            case .path, .unit: new.append(placed)
            case .package, .user: if try await !placed.exists(on: machine) { new.append(placed) }
            }
        }
        if new.isEmpty { return }
        var record = try PlacedRecord(on: machine)
        try record.add(new, on: machine)
    }

    /// Drops from the record what is neither declared nor there. If that fails the next run does it.
    func forgetGone(besides declared: Set<String>, on machine: Machine) async {
        guard isRecorded, var record = try? PlacedRecord(on: machine) else { return }
        var gone: [Placed] = []
        for placed in record.undeclared(besides: declared) {
            if (try? await record.isLeft(placed, on: machine)) == false { gone.append(placed) }
        }
        try? record.forget(gone, on: machine)
    }
}
