import Synchronization

/// The answers of docker and of the record of one stack since the last change.
final class StackCache: Sendable {
    private struct State {
        var containers: StackContainers?
        var record: StackRecord?
    }

    private let state = Mutex(State())

    var containers: StackContainers? {
        get { state.withLock { $0.containers } }
        set { state.withLock { $0.containers = newValue } }
    }

    var record: StackRecord? {
        get { state.withLock { $0.record } }
        set { state.withLock { $0.record = newValue } }
    }
}

/// The caches for all stacks of a machine, by their names. A fact, so that the engine drops them after each apply.
final class StackCaches: MachineFact {
    private let caches = Mutex<[String: StackCache]>([:])

    subscript(_ name: String) -> StackCache {
        caches.withLock { caches in
            if let known = caches[name] { return known }
            let new = StackCache()
            caches[name] = new
            return new
        }
    }

    static func read(from machine: Machine) async throws -> StackCaches { StackCaches() }
}
