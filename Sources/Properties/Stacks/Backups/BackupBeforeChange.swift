/// A backup of the data of a stack exists before a deployment changes anything.
///
/// It holds if nothing will change, if there are no data, and if there is a backup for this very change: a run that was
/// interrupted after its backup takes no second one.
struct BackupBeforeChange: Property {
    typealias Target = DebianLike

    let stack: Stack

    /// The age up to which the backup of an interrupted run counts: the former version has gone on writing since.
    private static let maximumAge: Duration = .minutes(10)

    var name: String { "backup of \(stack.name) before a change" }
    var secrets: [Secret] { deployment.secrets }

    private var deployment: StackDeployment { StackDeployment(stack: stack) }

    /// Identifies the change from a deployment to a version.
    static func key(_ record: StackRecord, _ stack: Stack) -> String {
        "\(record.current?.id ?? record.former?.restarted ?? "none") → \(stack.version)"
    }

    /// - Throws: ``Failure`` if the deployment is impossible, or a restore is unfinished.
    func check(on machine: Machine) async throws -> Check {
        // Before the first data, those of another host, are in place there is nothing to keep.
        if let origin = stack.origin, try await CloneState.of(stack, from: origin, on: machine) == .arrived {
            return .satisfied
        }
        try RestoreRecord.refuseUnfinished(of: stack, on: machine)
        let finding = try await StackDifferences(StackContext(resolving: stack, on: machine)).find()
        switch finding.check {
        case .satisfied: return .satisfied
        case .unmet where !finding.changesContainers: return .satisfied
        case .unknown(let until): return .unknown(until: until)
        case .unmet: break
        }
        let data = try await StackData.read(of: stack, on: machine)
        if data.filled.isEmpty { return .satisfied }
        let key = Self.key(try StackRecord(of: stack, on: machine), stack)
        // ISO 8601 in UTC sorts by time.
        let limit = Timestamp(seconds: machine.now.seconds - Int(Self.maximumAge.components.seconds)).iso8601
        let isBackedUp = try StackBackups(of: stack, on: machine).whole.contains {
            $0.before == key && $0.time >= limit
        }
        return isBackedUp ? .satisfied : .unmet(data.change)
    }

    func apply(on machine: Machine) async throws {
        let record = try StackRecord(of: stack, on: machine)
        let job = try await BackupJob(StackContext(resolving: stack, on: machine))
        do {
            // A stack that Propel has never deployed may be in any state.
            try await job.take(
                why: "before a change", before: Self.key(record, stack),
                fallback: record.current == nil ? .archive : .archiveAtRest, retention: stack.retention)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            var failure = Failure(describing: error)
            failure.advice =
                "Nothing is changed without a backup. " + (failure.advice ?? "Correct that, then run again.")
            throw failure
        }
    }
}
