/// A state that a machine should be in: `SwapFile`, `Apt.Installed`, `Service`.
///
/// The law: check, apply, check again. A property that is still unmet after its apply has failed, whatever its commands
/// returned. A property that is satisfied is never applied, so a second run changes nothing.
public protocol Property<Target>: Declarable {
    /// The state in a few words, with the parameters that distinguish it: “swap file /swapfile of 1 GiB”. Properties of
    /// the same type with the same name and claims are one property.
    var name: String { get }

    /// Checks whether the machine is in the state. Only reads.
    /// - Throws: ``Undetermined`` if it cannot be told yet, ``Failure`` or another error for what no run can put right.
    func check(on machine: Machine) async throws -> Check

    /// Brings the machine into the state. Called only if the check was unmet, and followed by another check.
    func apply(on machine: Machine) async throws

    /// Announces what the check will ask the machine for, so that one command can answer for all properties; does
    /// nothing by default. Called before any check. See ``Machine/expect(_:of:)``.
    func announce(to machine: Machine)

    /// The resources that it decides about; none by default.
    var claims: [Claim] { get }

    /// The ports that it listens on; none by default.
    var ports: [Port] { get }

    /// The program that listens on the ports; the name of the property by default. Properties of one program do not
    /// conflict about a port.
    var portOwner: String { get }

    /// The problems of the declaration, whatever the machine; none by default. Found before any machine is touched.
    var problems: [String] { get }

    /// The secrets that it may need; none by default. A ``Change`` names those that it really needs.
    var secrets: [Secret] { get }

    /// The files of the repository that it may need, besides those in its stored properties; none by default.
    var furtherSources: [RepositorySource] { get }

    /// The resources that it decides about because of the files of the repository; none by default.
    func claims(in repository: RepositoryManifest) -> [Claim]
}

extension Property {
    public func announce(to machine: Machine) {}
    public var claims: [Claim] { [] }
    public var ports: [Port] { [] }
    public var portOwner: String { name }
    public var problems: [String] { [] }
    public var secrets: [Secret] { [] }
    public var furtherSources: [RepositorySource] { [] }
    public func claims(in repository: RepositoryManifest) -> [Claim] { [] }

    public func declaration(at place: SourcePlace) -> Declaration {
        Declaration(name: name, place: place, content: .property(self))
    }

    /// The files of the repository that it may need, each once.
    public var sources: [RepositorySource] { ValueOutline(describing: self).sources(with: furtherSources) }
}

/// A port on which a machine listens.
public struct Port: Sendable, Hashable, CustomStringConvertible {
    /// 0 to 65535.
    public var number: UInt16
    /// `tcp` or `udp`.
    public var transport: String

    /// - Parameters:
    ///   - number: from 1 to 65535.
    ///   - transport: `tcp` by default, or `udp`.
    public init(_ number: UInt16, transport: String = "tcp") {
        self.number = number
        self.transport = transport
    }

    public var description: String { "\(number)/\(transport)" }
}

extension Port: ExpressibleByIntegerLiteral {
    /// A TCP port.
    public init(integerLiteral number: UInt16) { self.init(number) }
}
