/// A part in the braces of a ``Stack``: a ``Container``, a ``Network`` or an ``Anonymization``.
public protocol StackPart: Sendable {
    /// Adds this part to the stack.
    func add(to stack: inout Stack)
}
