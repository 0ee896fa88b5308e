extension Property {
    /// The error of a validation as one of the ``Property/problems``; none if it succeeds.
    public func problems(in validation: () throws -> Void) -> [String] {
        do { try validation() } catch { return [Failure(describing: error).problem] }
        return []
    }
}

extension Failure {
    /// The message with the advice below it, as a problem is shown.
    var problem: String { message + (advice.map { "\n  " + $0 } ?? "") }
}
