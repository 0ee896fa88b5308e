import Testing

extension Answer {
    /// Expects that every property held already in this run.
    func expectNoChange(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let count = try paths(.ok).count, all = try properties.count
        #expect(status == 0 && count == all, "\(self)", sourceLocation: sourceLocation)
    }

    /// The number of programs that the run started on its machine.
    var programs: Int {
        get throws { try #require(try lines.first { $0["kind"] == "host" }?["programs"]?.integer) }
    }
}
