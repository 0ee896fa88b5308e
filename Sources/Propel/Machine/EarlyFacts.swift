import Synchronization

/// A fact that a program tells which takes a while, and that is announced (``Machine/expect(_:of:)``): a run reads it
/// beside the first checks.
package protocol EarlyFact: MachineFact {}

/// The facts that are being read before anybody has asked for them.
final class EarlyFacts: Sendable {
    private typealias Reading = Task<any MachineFact, any Error>
    private let announced = Mutex<[ObjectIdentifier: any EarlyFact.Type]>([:])
    private let readings = Mutex<[ObjectIdentifier: Reading]>([:])

    func announce(_ type: any EarlyFact.Type) { announced.withLock { $0[ObjectIdentifier(type)] = type } }

    /// Begins to read all that were announced.
    func begin(on machine: Machine) {
        for type in announced.withLock({ Array($0.values) }) { begin(type, on: machine) }
    }

    private func begin<Known: EarlyFact>(_ type: Known.Type, on machine: Machine) {
        let reading = Reading { try await Known.read(from: machine) }
        readings.withLock { $0[ObjectIdentifier(type)] = reading }
    }

    /// Waits for a fact that is being read; nil if it is not. It is handed out once: ``Machine/fact(_:)`` keeps it.
    /// - Throws: what reading it has thrown.
    func take<Known: MachineFact>(_ type: Known.Type) async throws -> Known? {
        guard let reading = readings.withLock({ $0.removeValue(forKey: ObjectIdentifier(type)) }) else { return nil }
        let fact = try await withTaskCancellationHandler {
            try await reading.value
        } onCancel: {
            reading.cancel()
        }
        return fact as? Known
    }

    /// Ends the reading of those that nobody has asked for.
    func end() {
        let left = readings.withLock { readings in
            defer { readings = [:] }
            return Array(readings.values)
        }
        for reading in left { reading.cancel() }
    }
}
