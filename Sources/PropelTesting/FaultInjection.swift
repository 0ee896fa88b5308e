import Libc
import Propel

/// Performs `act` with a fault at its operations, each time on a new machine, and then judges what is left.
///
/// The faults are injected from the first operation to the last, so the sequence that a failure shows is the shortest.
/// Of thousands of operations a test takes every eleventh by default, each kind of fault others; with the environment
/// variable `PROPEL_EVERY_FAULT` it takes all.
/// What a power cut loses depends on a seed, which is the number of operations before it: a failure comes again.
/// - Parameters:
///   - prepare: makes what `act` works on, the same each time.
///   - machine: the machine of that.
///   - fault: the fault.
///   - stride: how many operations further the next fault is injected.
///   - act: the operations. Its errors are expected: it meets a fault.
///   - judge: throws if something does not hold on the machine after ``FakeMachine/restart(seed:)``.
/// - Throws: ``LawBroken`` with the fault, all places at which it does harm, and the operations of the first.
public func atEveryOperation<Subject>(
    of prepare: () async throws -> Subject, _ machine: (Subject) -> FakeMachine, _ fault: Fault,
    stride: Int = 11, act: (Subject) async throws -> Void, judge: (Subject) async throws -> Void
) async throws {
    var failures: [Int] = [], first = ""
    let stride = getenv("PROPEL_EVERY_FAULT") == nil ? stride : 1
    let offset = (Fault.allCases.firstIndex(of: fault) ?? 0) * 4 % stride
    for count in Swift.stride(from: offset, to: .max, by: stride) {
        // Nobody reads thousands of records.
        let subject = try await OperationLog.$recorder.withValue(nil) { try await prepare() }, fake = machine(subject)
        fake.operations.clear()
        fake.inject(fault, after: count)
        try? await act(subject)
        let wasReached = !fake.operations.isArmed, before = fake.operations.lines.count
        fake.restart(seed: UInt64(count))
        do {
            try await judge(subject)
        } catch {
            if failures.isEmpty {
                let lines = fake.operations.lines.map { "\n  \($0)" }
                first = "\(error)" + lines.prefix(before).joined() + "\nthen" + lines.dropFirst(before).joined()
            }
            failures.append(count)
        }
        if !wasReached { break }
    }
    guard failures.isEmpty else {
        throw LawBroken("\(fault) after \(failures.map(String.init).joined(separator: ", ")) operations: \(first)")
    }
}

extension FakeMachine {
    /// Brings a property about, as a run does, and verifies that another run would change nothing.
    /// - Throws: ``LawBroken`` if it would, and the errors of the property.
    public func converge(_ property: some Property) async throws {
        if case .unmet = try await check(property) { try await property.apply(on: machine) }
        let after = try await check(property)
        guard after == .satisfied else { throw LawBroken("“\(property.name)” is \(after)") }
    }

    /// Verifies that the next run finishes what a fault has cut, whatever the operation that it came at.
    /// - Parameter prepare: makes the machine on which the property is unmet.
    /// - Throws: ``LawBroken`` if it does not; see ``atEveryOperation(of:_:_:act:judge:)``.
    public static func verify(
        _ property: some Property, survives fault: Fault, on prepare: () async throws -> FakeMachine
    ) async throws {
        // All of them: one property has a few.
        try await atEveryOperation(of: prepare, { $0 }, fault, stride: 1) { fake in
            try await property.apply(on: fake.machine)
        } judge: { fake in
            try await fake.converge(property)
        }
    }
}
