import Testing

@testable import RecordedOperations

@Suite struct OperationRecordTests {
    @Test func `an order that changes is shown`() throws {
        let record = try #require(OperationRecord.parse("# a\n  one\n  two\n\n# b\n  one\n")["a"])
        #expect(record.difference(from: ["one", "two"]) == nil)
        #expect(
            record.difference(from: ["two", "one"]) == "on record, operation 1 on the machine: one\nnow: two")
        #expect(record.difference(from: ["one"]) == "on record, operation 2 on the machine: two\nnow: none")
        #expect(
            record.difference(from: ["one", "two", "three"])
                == "on record, operation 3 on the machine: none\nnow: three")
    }

    @Test func `a test without a record does nothing to a machine`() {
        #expect(OperationRecord().difference(from: []) == nil)
        #expect(OperationRecord().difference(from: ["one"]) != nil)
    }

    @Test func `a case is one of those on record`() throws {
        let record = try #require(OperationRecord.parse("# a\n  one\nor\n  one\n  two\n")["a"])
        #expect(record.difference(from: ["one"]) == nil && record.difference(from: ["one", "two"]) == nil)
        #expect(
            record.difference(from: ["one", "three"]) == "on record, operation 2 on the machine: two\nnow: three")
    }

    @Test func `the steps of a replacement are one line, unless one is missing`() {
        let steps = [
            "write /etc/.motd.propel 0644 0:0 3fa2b1c4", "sync /etc/.motd.propel", "replace /etc/motd", "sync /etc",
        ]
        #expect(OperationText(steps).lines == ["replace /etc/motd 0644 0:0 3fa2b1c4"])
        for missing in steps.indices.dropFirst() {
            var others = steps
            others.remove(at: missing)
            #expect(OperationText(others).lines == others)
        }
        #expect(OperationText(["remove /a", "sync /"]).lines == ["remove /a"])
        #expect(OperationText(["remove /a", "sync /b"]).lines == ["remove /a, not synced", "sync /b"])
    }

    @Test func `of many operations five have one hash, and are shown if one of them changes`() throws {
        var operations = (1...20).map { "step \($0)" }
        let text = OperationText(operations).lines
        #expect(text.count == 4)
        let record = OperationRecord(cases: [text])
        #expect(record.difference(from: operations) == nil)
        operations.swapAt(6, 7)
        let difference = try #require(record.difference(from: operations))
        #expect(difference.hasPrefix("on record, operations 6 to 10 on the machine: "))
        #expect(difference.hasSuffix("\nnow: step 6\n     step 8\n     step 7\n     step 9\n     step 10"))
    }

    @Test func `contents are left out where they are other ones each time`() throws {
        let record = try #require(OperationRecord.parse("# a\nwithout contents\n  replace /a 0644 0:0\n")["a"])
        #expect(record.difference(from: ["replace /a 0644 0:0 3fa2b1c4"]) == nil)
        #expect(record.difference(from: ["replace /a 0600 0:0 3fa2b1c4"]) != nil)
        #expect(OperationRecord.parse("# a\nvarying\n")["a"]?.difference(from: ["one"]) == nil)
    }
}
