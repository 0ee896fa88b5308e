/// A state that a machine is to be in: `SwapFile`, `Apt.Installed`, `Service`.
///
/// The law: check, apply, check again. A property that is still unmet after its apply has failed, whatever its commands
/// returned; one whose check is satisfied is never applied, so a second run changes nothing.
public protocol Property<Target>: Declarable {
    /// The state in a few words, with the parameters that tell it from others of its kind: "swap file /swapfile of 1 GiB".
    /// Two properties of one type with one name and the same claims are one property.
    var name: String { get }

    /// Looks whether the machine is in the state. Only reads.
    func check(on machine: Machine) async throws -> Check

    /// Brings the machine into the state. Called only where the check was unmet, and followed by another check.
    func apply(on machine: Machine) async throws

    /// Tells the machine what the check will ask for, so that it can be asked for once for all properties; nothing by
    /// default. Called before any check. See ``Machine/expect(_:of:)``.
    func announce(to machine: Machine)

    /// What it decides about the machine; none by default.
    var claims: [Claim] { get }

    /// The ports that it opens; none by default.
    var ports: [Port] { get }

    /// What is wrong with it as it is declared, whatever the machine, in words; nothing by default. Found before any machine is
    /// touched.
    var problems: [String] { get }

    /// The secrets that it may have to write; none by default. What the check finds to be needed is said by its ``Change``.
    var secrets: [Secret] { get }
}

extension Property {
    public func announce(to machine: Machine) {}
    public var claims: [Claim] { [] }
    public var ports: [Port] { [] }
    public var problems: [String] { [] }
    public var secrets: [Secret] { [] }

    public func declaration(at place: SourcePlace) -> Declaration {
        Declaration(name: name, place: place, content: .property(self))
    }
}

/// A listening port of a machine.
public struct Port: Sendable, Hashable, CustomStringConvertible {
    /// 0 to 65535.
    public var number: UInt16
    /// `tcp` or `udp`.
    public var transport: String

    /// - Parameter transport: `tcp` by default, or `udp`.
    public init(_ number: UInt16, transport: String = "tcp") {
        self.number = number
        self.transport = transport
    }

    public var description: String { "\(number)/\(transport)" }
}

extension Port: ExpressibleByIntegerLiteral {
    /// A port of TCP.
    public init(integerLiteral number: UInt16) { self.init(number) }
}
