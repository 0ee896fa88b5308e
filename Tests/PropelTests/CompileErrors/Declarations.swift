import Propel

/// A property for one system.
struct P<System: Platform>: Property {
    typealias Target = System
    var name: String { "p" }
    func check(on machine: Machine) async throws -> Check { .satisfied }
    func apply(on machine: Machine) async throws {}
}

/// A property with parameters.
struct Generic<System: Platform, Value: Sendable>: Property {
    typealias Target = System
    let value: Value
    var name: String { "generic" }
    func check(on machine: Machine) async throws -> Check { .satisfied }
    func apply(on machine: Machine) async throws {}
}

/// An action for one system.
struct A<System: Platform>: Action {
    typealias Target = System
    var name: String { "a" }
    func perform(on machine: Machine) async throws {}
}
