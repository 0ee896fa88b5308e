import Propel
import Synchronization

/// An operation of a machine in memory that changes something, syncs something or runs a program.
public struct Operation: Sendable, Equatable, CustomStringConvertible {
    /// The effect of an operation.
    public enum Kind: Sendable {
        /// Changes what programs see; a power cut may lose it.
        case change
        /// Writes a file or the entries of a directory to the disk: `fsync`.
        case sync
        /// Runs a program.
        case command
    }

    public var kind: Kind
    /// The operation in words: `replace /etc/motd`, `sync /etc`, or the command as it would be typed into a shell:
    /// `docker stop db`.
    public var description: String
}

/// A fault that a test injects into a machine in memory, instead of one of its operations.
public enum Fault: Sendable, Equatable, CaseIterable {
    /// The run is killed before the operation. What was written stays, synced or not.
    case kill
    /// The power fails before the operation. What was not synced may be lost; see ``FakeMachine/restart(seed:)``.
    case powerCut
    /// The operation fails: an I/O error, or exit status 1 of a program. The run goes on.
    case error
}

/// The operations of a machine in memory in the order in which they were performed, and the one at which a fault is
/// injected.
public final class OperationLog: Sendable {
    private struct State {
        var operations: [Operation] = []
        /// The fault, and how many operations are performed before it.
        var fault: (Fault, after: Int)?
        /// The fault that comes right after the first operation in whose words a string occurs.
        var laterFault: (Fault, after: String)?
        var died: Fault?
        var observer: (@Sendable (Operation) -> Void)?
    }

    private let state = Mutex(State())

    /// Told of each operation of the machines that are made in this task; nil if nobody listens.
    @TaskLocal package static var recorder: (@Sendable (String) -> Void)?
    private let recorder = OperationLog.recorder

    init() {}

    /// The operations so far.
    public var operations: [Operation] { state.withLock { $0.operations } }

    /// The operations so far, in words.
    public var lines: [String] { operations.map(\.description) }

    /// Whether the run was killed or the power has failed: every operation is an error until
    /// ``FakeMachine/restart(seed:)``.
    public var isDown: Bool { state.withLock { $0.died != nil } }

    /// Whether a fault waits for its operation.
    public var isArmed: Bool { state.withLock { $0.fault != nil || $0.laterFault != nil } }

    /// Forgets the operations so far.
    public func clear() { state.withLock { $0.operations = [] } }

    /// Has each operation from now on told to `look`, before it is performed: what a kill at that moment would leave
    /// can be judged at every operation of one run.
    /// - Parameter look: may read the machine, and changes nothing.
    public func observe(_ look: @escaping @Sendable (Operation) -> Void) { state.withLock { $0.observer = look } }

    /// The operations in whose words `text` occurs.
    public func all(_ text: String) -> [Operation] { operations.filter { $0.description.contains(text) } }

    /// Verifies an order: that both operations were performed, and the first of `earlier` before the first of `later`.
    /// - Parameters:
    ///   - earlier: what the words of the operation contain.
    ///   - later: what the words of the operation contain.
    /// - Throws: ``LawBroken`` with the log if not.
    public func require(_ earlier: String, before later: String) throws {
        let lines = lines
        guard let first = lines.firstIndex(where: { $0.contains(earlier) }),
            let second = lines.firstIndex(where: { $0.contains(later) }), first < second
        else {
            let log = lines.map { "\n  \($0)" }.joined()
            throw LawBroken("“\(earlier)” does not come before “\(later)” in\(log)")
        }
    }

    /// Verifies an order: that all these operations were performed, and the first of each after the first of the one
    /// before it in the list.
    /// - Parameter words: what the words of the operations contain.
    /// - Throws: ``LawBroken`` with the log if not.
    public func require(order words: [String]) throws {
        for (earlier, later) in zip(words, words.dropFirst()) { try require(earlier, before: later) }
    }

    /// The position of the first operation in whose words `text` occurs.
    /// - Throws: ``LawBroken`` with the log if there is none.
    public func first(_ text: String) throws -> Int { try position(text) { $0.firstIndex(where: $1) } }

    /// The position of the last operation in whose words `text` occurs.
    /// - Throws: ``LawBroken`` with the log if there is none.
    public func last(_ text: String) throws -> Int { try position(text) { $0.lastIndex(where: $1) } }

    private func position(
        _ text: String, _ find: ([String], (String) -> Bool) -> Int?
    ) throws -> Int {
        let lines = lines
        guard let found = find(lines, { $0.contains(text) }) else {
            throw LawBroken("“\(text)” is not performed in\(lines.map { "\n  \($0)" }.joined())")
        }
        return found
    }

    /// Injects a fault.
    /// - Parameter count: how many operations are performed before it.
    func inject(_ fault: Fault, after count: Int) { state.withLock { $0.fault = (fault, count) } }

    /// Injects a fault.
    /// - Parameter text: what occurs in the words of the operation after which it comes.
    func inject(_ fault: Fault, afterFirst text: String) { state.withLock { $0.laterFault = (fault, text) } }

    /// Forgets the fault, and lets the machine run again.
    /// - Returns: how it had died; nil if it had not.
    func revive() -> Fault? {
        state.withLock { state in
            state.fault = nil
            state.laterFault = nil
            defer { state.died = nil }
            return state.died
        }
    }

    /// Whether a read can be answered.
    func requireRunning() throws(Crash) { if isDown { throw Crash() } }

    /// Notes an operation that is about to be performed.
    /// - Parameter detail: what it puts in place, for a record.
    /// - Returns: whether it fails instead.
    /// - Throws: ``Crash`` if the machine does not run.
    func begin(
        _ kind: Operation.Kind, _ words: String, detail: @autoclosure () -> String = ""
    ) throws(Crash) -> Bool {
        if let recorder, !isDown { recorder(words + detail()) }
        // Not under the lock: it reads the machine.
        let observer = state.withLock { $0.died == nil ? $0.observer : nil }
        observer?(Operation(kind: kind, description: words))
        let (fault, isDown) = state.withLock { state -> (Fault?, Bool) in
            if state.died != nil { return (nil, true) }
            guard let (fault, count) = state.fault else {
                state.operations.append(Operation(kind: kind, description: words))
                if let (fault, text) = state.laterFault, words.contains(text) {
                    state.laterFault = nil
                    state.fault = (fault, 0)
                }
                return (nil, false)
            }
            if count > 0 {
                state.fault = (fault, count - 1)
                state.operations.append(Operation(kind: kind, description: words))
                return (nil, false)
            }
            state.fault = nil
            state.operations.append(Operation(kind: kind, description: "\(fault) at: \(words)"))
            if fault != .error { state.died = fault }
            return (fault, fault != .error)
        }
        if isDown { throw Crash() }
        return fault == .error
    }
}

/// An error: the run on a machine in memory was killed, or its power failed.
public struct Crash: Error, CustomStringConvertible {
    public var description: String { "the machine in memory does not run" }
}
