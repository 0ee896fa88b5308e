import Testing

extension Answer {
    /// Expects that every property held already in this run.
    func expectNoChange(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let count = try paths(.ok).count, all = try properties.count
        #expect(status == 0 && count == all, "\(self)", sourceLocation: sourceLocation)
    }
}
