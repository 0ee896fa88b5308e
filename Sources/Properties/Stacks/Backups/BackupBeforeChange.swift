/// That there is a backup of the data of a stack before a deployment changes anything.
///
/// It holds where nothing will change, where there are no data, and where there is a backup that was made for this very change: one
/// that was cut short after its backup takes no second one.
struct BackupBeforeChange: Property {
    typealias Target = DebianLike

    let stack: Stack
    /// How often docker is asked while something is waited for.
    var pollInterval: Duration = .seconds(1)

    /// How old a backup may be that a run has taken which was cut short: the version before has gone on and written since.
    private static let freshness: Duration = .minutes(10)

    var name: String { "backup of \(stack.name) before a change" }
    var secrets: [Secret] { deployment.secrets }

    private var deployment: StackDeployment { StackDeployment(stack: stack) }

    /// The change from what is deployed to what is to be.
    static func key(_ current: StackRecord.Deployment?, _ stack: Stack) -> String {
        "\(current?.id ?? "none") → \(stack.version)"
    }

    /// - Throws: ``Failure`` where the deployment cannot be, or a restore was cut short.
    func check(on machine: Machine) async throws -> Check {
        // What is there before the first data, those of another host, are in place is of no worth.
        if let origin = stack.origin, try await CloneState.of(stack, from: origin, on: machine) == .arrived {
            return .satisfied
        }
        try RestoreRecord.refuseHalf(of: stack, on: machine)
        let finding = try await StackDifferences(StackContext(stack, on: machine)).find()
        switch finding.check {
        case .satisfied: return .satisfied
        case .unmet where !finding.changesContainers: return .satisfied
        case .unknown(let until): return .unknown(until: until)
        case .unmet: break
        }
        switch try await StackData.ask(of: stack, on: machine) {
        case .unknown(let until): return .unknown(until: until)
        case .found(let data):
            let key = Self.key(try StackRecord(of: stack, on: machine).current, stack)
            // ISO 8601 in UTC is in the order of time.
            let limit = Timestamp(seconds: machine.now.seconds - Int(Self.freshness.components.seconds)).iso8601
            let isBackedUp = try StackBackups(of: stack, on: machine).whole.contains {
                $0.before == key && $0.time >= limit
            }
            return data.filled.isEmpty || isBackedUp ? .satisfied : .unmet(data.change)
        }
    }

    func apply(on machine: Machine) async throws {
        let current = try StackRecord(of: stack, on: machine).current
        let taking = BackupJob(stack: stack, pollInterval: pollInterval, machine: machine)
        do {
            // What was never deployed by Propel need not be in any state.
            try await taking.take(
                why: "before a change", before: Self.key(current, stack),
                fallback: current == nil ? .archive : .archiveAtRest, retention: stack.retention)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            var failure = Failure(describing: error)
            failure.advice =
                "Without a backup nothing is changed. " + (failure.advice ?? "Correct that, then run again.")
            throw failure
        }
    }
}
