/// That the data of a stack are what a backup has.
///
/// What was there before is backed up first, and put back where something fails. The containers are stopped meanwhile.
public struct DataRestored: Property {
    public typealias Target = DebianLike

    public let stack: Stack
    /// The name of the backup.
    public let backup: String
    /// Whether data may be lost by it.
    public let isReplacing: Bool
    /// Tells this restore from every other of the same backup.
    public let request: String
    var pollInterval: Duration = .seconds(1)

    /// - Parameters:
    ///   - backup: the name of the backup.
    ///   - isReplacing: whether it may replace data. Without that it is refused where a volume is not empty.
    ///   - request: tells this restore from every other of the same backup, such as the time. One that has been done is not done again.
    public init(stack: Stack, backup: String, isReplacing: Bool, request: String) {
        self.stack = stack
        self.backup = backup
        self.isReplacing = isReplacing
        self.request = request
    }

    public var name: String { "data of \(stack.name) as in the backup \(backup)" }
    public var problems: [String] {
        Backup.isID(backup) ? [] : ["“\(backup.escaped)” is no name of a backup: it has letters, digits, - and _"]
    }

    /// - Throws: ``Failure`` where there is no such backup, where it is damaged, or where it may not be restored.
    public func check(on machine: Machine) async throws -> Check {
        if try RestoreRecord.isDone(backup, request, of: stack, on: machine) { return .satisfied }
        let backup = try StackBackups(of: stack, on: machine).named(backup, of: stack)
        let data: StackData
        switch try await StackData.ask(of: stack, on: machine) {
        case .unknown(let until): return .unknown(until: until)
        case .found(let found): data = found
        }
        let restoring = try await RestoreJob(backup, stack, data, pollInterval: pollInterval, on: machine)
        try refuse(restoring.targets, try RestoreRecord.begun(of: stack, on: machine))
        try await StackBackups.verify(backup, of: stack, on: machine)
        return .unmet(try await words(for: restoring, on: machine))
    }

    private func refuse(_ targets: [RestoreJob.Target], _ begun: RestoreRecord.Begun?) throws {
        let filled = targets.filter { !$0.present.isEmpty }.map(\.present.volume.name)
        // What a restore that was cut short has left there is of no worth.
        guard !isReplacing, begun?.backup != backup, !filled.isEmpty else { return }
        throw Failure(
            "there are data in \(filled.joined(separator: ", ")) of \(stack.name), which the backup \(backup) would replace",
            advice: "Restore it with --replace: they are backed up before.")
    }

    private func words(for restoring: RestoreJob, on machine: Machine) async throws -> String {
        let filled = restoring.targets.filter { !$0.present.isEmpty }
        var usage: [String: String] = [:]
        if !filled.isEmpty {
            let command = Invocation(
                "du",
                ["--summarize", "--block-size=1", "--time", "--time-style=+%s", "--"]
                    + filled.map(\.present.mountpoint.string), timeout: .hours(1))
            for line in try await machine.succeed(command).text.split(separator: "\n") {
                let fields = line.split(separator: "\t").map(String.init)
                guard fields.count == 3, let bytes = Int(fields[0]), let seconds = Int(fields[1]) else { continue }
                usage[fields[2]] =
                    "\(ByteSize(bytes: bytes).rounded), last changed \(Timestamp(seconds: seconds).iso8601)"
            }
        }
        let replaced = filled.map { target in
            target.present.volume.name + (usage[target.present.mountpoint.string].map { " (\($0))" } ?? "")
                + (target.file == nil ? ", which was empty" : "")
        }
        let made = restoring.targets.filter { $0.present.isEmpty && $0.file != nil }.map(\.present.volume.name)
        return [
            replaced.isEmpty ? nil : "replaces \(replaced.joined(separator: ", "))",
            made.isEmpty ? nil : "fills \(made.joined(separator: ", "))",
            restoring.isGoingBack ? "its containers stay stopped until it is deployed" : nil,
            "with the data of \(restoring.backup.time)",
        ].compactMap(\.self).joined(separator: "; ")
    }

    public func apply(on machine: Machine) async throws {
        let backup = try StackBackups(of: stack, on: machine).named(backup, of: stack)
        let data = try await StackData.read(of: stack, on: machine)
        let restoring = try await RestoreJob(backup, stack, data, pollInterval: pollInterval, on: machine)
        var begun = try RestoreRecord.begun(of: stack, on: machine)
        try refuse(restoring.targets, begun)
        try await StackBackups.verify(backup, of: stack, on: machine)
        if begun == nil {
            try await HaltedContainers(stack: stack, pollInterval: pollInterval, machine: machine).resume()
        }
        let running = try await restoring.running()
        // What was sick before need not get well with other data.
        let wereWell = running.allSatisfy(\.isRunningWell)
        do {
            try await restoring.stopAll()
            // Of one that was cut short there is one already, and what is there now is half.
            let isHalf = try CloneRecord.read(of: stack, on: machine)?.progress == .begun
            if begun == nil, !isHalf, !data.filled.isEmpty {
                let taking = BackupJob(stack: stack, pollInterval: pollInterval, machine: machine)
                let safety = try await taking.take(
                    why: "before restoring \(backup.id)", fallback: .archiveAll, retention: nil)
                begun = RestoreRecord.Begun(backup: backup.id, safety: safety.id)
            }
            try RestoreRecord.begin(
                RestoreRecord.Begun(backup: backup.id, safety: begun?.safety), of: stack, on: machine)
        } catch {
            try await evenIfInterrupted { try await restoring.restart(running) }
            throw error
        }
        let formerRecord = try StackRecord(of: stack, on: machine)
        do {
            try await restoring.restore()
            // Neither the unit at boot nor the way back may start the newer version with older data.
            if restoring.isGoingBack { try machine.files.remove(stack.composeFile) }
            // Before it is over: nobody would correct it afterwards.
            try remember(formerRecord, backup, restoring, on: machine)
            // Whole from here on: what is cut short now has nothing to finish.
            try RestoreRecord.end(of: stack, on: machine)
            if !restoring.isGoingBack { try await restoring.startAll(waiting: wereWell) }
        } catch {
            try? RestoreRecord.begin(
                RestoreRecord.Begun(backup: backup.id, safety: begun?.safety), of: stack, on: machine)
            try? formerRecord.write(of: stack, on: machine)
            let failure = await restoring.putBack(begun?.safety, after: error)
            throw failure
        }
        if let origin = backup.origin {
            try CloneRecord(origin: origin, backup: backup.id, progress: .done).write(of: stack, on: machine)
        } else {
            try CloneRecord.forgetUnlessDone(of: stack, on: machine)
        }
        try RestoreRecord.remember(backup.id, request, of: stack, on: machine)
    }

    /// - Parameter former: what is remembered of the stack as it was before.
    private func remember(_ former: StackRecord, _ backup: Backup, _ restoring: RestoreJob, on machine: Machine) throws
    {
        var record = former
        // What is written from now on is in no backup yet.
        record.current?.id = machine.now.compact
        if restoring.isGoingBack {
            record.triedFormat = nil
            // Nor may a deployment that fails put that version back.
            record.current?.snapshot = nil
            record.current?.dataFormat = backup.dataFormat ?? stack.dataFormat
        }
        try record.write(of: stack, on: machine)
    }
}

extension ByteSize {
    /// For people: in the largest binary unit of which it has at least one, rounded up.
    var rounded: ByteSize {
        for shift in [30, 20, 10] where bytes >> shift > 0 {
            return ByteSize(bytes: ((bytes - 1) >> shift + 1) << shift)
        }
        return self
    }
}
