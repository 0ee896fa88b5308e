// Sorting, as in the standard library, and compiled once: there each sorted type of element, and often each closure, is
// a merge sort in the program: 62 of them were 170 kB of the enforcer. What is sorted here is short.

extension Sequence {
    /// The elements in the order that `areInIncreasingOrder` gives them. Equal ones keep their order.
    @inline(never) @_semantics("optimize.sil.specialize.generic.never")
    public func sorted(by areInIncreasingOrder: (Element, Element) throws -> Bool) rethrows -> [Element] {
        var elements = Array(self)
        try elements.sort(by: areInIncreasingOrder)
        return elements
    }
}

extension Sequence where Element: Comparable {
    /// The elements, the smallest one first.
    @inline(never) @_semantics("optimize.sil.specialize.generic.never")
    public func sorted() -> [Element] { sorted(by: <) }
}
