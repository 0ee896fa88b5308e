/// What may stand in the braces of a ``Stack``: a ``Container``, a ``Network`` or an ``Anonymization``.
public protocol StackPart: Sendable {
    /// Makes this a part of the stack.
    func add(to stack: inout Stack)
}
