/// The tendency of the kernel to swap (`vm.swappiness`, proc_sys_vm(5)).
///
///     Swappiness(10)
public struct Swappiness: Revertible {
    public typealias Target = AnyLinux

    /// 0 to 200.
    public let value: Int

    /// - Parameter value: 0 to 200; 60 is the kernel's default. Lower values drop cached files rather than swap
    ///   programs out.
    public init(_ value: Int) { self.value = value }

    private var parameter: Sysctl { Sysctl("vm.swappiness", "\(value)") }

    public var name: String { "swappiness \(value)" }
    public var claims: [Claim] { parameter.claims }
    public var problems: [String] { problems(in: validate) }

    public func check(on machine: Machine) async throws -> Check {
        try validate()
        return try await parameter.check(on: machine)
    }

    public func apply(on machine: Machine) async throws { try await parameter.apply(on: machine) }
    public func checkReverted(on machine: Machine) async throws -> Check {
        try await parameter.checkReverted(on: machine)
    }
    public func revert(on machine: Machine) async throws { try await parameter.revert(on: machine) }

    private func validate() throws {
        guard (0...200).contains(value) else {
            throw Failure("invalid swappiness \(value)", advice: "Give a number from 0 to 200.")
        }
    }
}
