/// A condition that only the machine can tell: its system, its architecture, a fact.
public struct Condition: Sendable {
    /// The name of the machines that meet it, as in “not for …”: “Debian 13”.
    public var name: String
    package var holds: @Sendable (Machine) async throws -> Bool

    /// - Parameters:
    ///   - name: the name of the machines that meet it. Conditions of one name are one condition.
    ///   - holds: whether a machine meets it. Only reads.
    public init(_ name: String, holds: @escaping @Sendable (Machine) async throws -> Bool) {
        self.name = name
        self.holds = holds
    }
}

extension Condition {
    /// Machines whose processor has this architecture, as `uname -m` prints it.
    public static func architecture(_ name: String) -> Condition { .fact(.architecture, is: name) }

    /// Machines of the release with this codename: `bookworm`.
    public static func codename(_ name: String) -> Condition { .fact(.codename, is: name) }

    /// Machines on which a fact has this value. A fact that a machine does not have has no value.
    public static func fact(_ fact: Fact, is value: String) -> Condition {
        Condition("machines with the \(fact.words) \(value)") { machine in
            do { return try await machine.value(of: fact) == value } catch is Failure { return false }
        }
    }

    /// Machines with at least this amount of memory, in bytes. The kernel keeps some for itself: a machine with 1 GiB
    /// has less.
    public static func memory(atLeast bytes: Int) -> Condition {
        Condition("machines with at least \(bytes) bytes of memory") { machine in
            Int(try await machine.value(of: .memory)).map { $0 >= bytes } ?? false
        }
    }

    /// Virtual machines and containers.
    public static var isVirtual: Condition {
        Condition("virtual machines") { try await $0.value(of: .virtualization) != "none" }
    }

    /// Machines on which something exists at a path when the property is checked.
    public static func exists(_ path: FilePath) -> Condition {
        Condition("machines with \(path)") { try $0.files.status(of: path) != nil }
    }

    public static prefix func ! (condition: Condition) -> Condition {
        Condition("other than \(condition.name)") { try await !condition.holds($0) }
    }

    public static func && (lhs: Condition, rhs: Condition) -> Condition {
        Condition("\(lhs.name) that are \(rhs.name)") { machine in
            guard try await lhs.holds(machine) else { return false }
            return try await rhs.holds(machine)
        }
    }

    public static func || (lhs: Condition, rhs: Condition) -> Condition {
        Condition("\(lhs.name), or \(rhs.name)") { machine in
            if try await lhs.holds(machine) { return true }
            return try await rhs.holds(machine)
        }
    }
}

extension Fact {
    /// The name in a sentence.
    fileprivate var words: String { description.filter { $0 != "<" && $0 != ">" } }
}
