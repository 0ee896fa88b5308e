/// Thrown by a check that cannot be answered before something else has been applied.
///
///     guard try machine.files.status(of: "/etc/postfix") != nil else {
///         throw Undetermined(until: "a mail server is installed")
///     }
///
/// The engine reports it as ``Check/unknown(until:)``, and checks again when the property has its turn. Whatever a
/// check calls may throw it, however deep.
public struct Undetermined: Error, Sendable, Equatable {
    /// Completes the sentence “cannot tell until …”: “docker.io is installed”.
    public let until: String

    /// - Parameter until: completes the sentence “cannot tell until …”.
    public init(until: String) { self.until = until }
}

extension Property {
    /// Checks, and answers ``Check/unknown(until:)`` if the check throws ``Undetermined``.
    package func evaluate(on machine: Machine) async throws -> Check {
        do { return try await check(on: machine) } catch let error as Undetermined {
            return .unknown(until: error.until)
        }
    }
}
