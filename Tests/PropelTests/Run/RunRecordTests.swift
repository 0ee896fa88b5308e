import Testing

@testable import Propel

@Suite struct RunRecordTests {
    @Test(arguments: ["20250131T120000Z-1", "20240229T235959Z-ffffffff"])
    func `an ID is a time and a number`(_ id: String) { #expect(RunRecord.isID(id)) }

    @Test(arguments: [
        "", "20250131T120000Z", "20250131T120000Z-", "20250231T120000Z-1", "20250131T120000Z-123456789",
        "20250131T120000Z-G", "20250131T120000Z-1-2", "20250131T120000Z-1\n", "../20250131T120000Z-1",
    ])
    func `anything else is no ID`(_ text: String) { #expect(!RunRecord.isID(text)) }

    @Test func `a record survives the wire`() throws {
        let record = RunRecord(
            id: "20250131T120000Z-1", deployer: "anna@laptop", operation: "backup", only: ["a"], ending: .rolledBack,
            seconds: 1.5, counts: RunSummary(counts: [.failed: 1]))
        for answer in [
            RunAnswer.record(record), .event(.ended(RunSummary(counts: [:]))), .damaged, .unknown(known: [record.id]),
            .open(OpenRequest(.needs(secrets: ["a"]), host: "web1", secrets: ["a": "v1", "b": "v2"])),
        ] { #expect(try RunAnswer(try JSON(parsing: answer.json.description)) == answer) }
    }

    @Test func `a hostile record is refused or cut`() throws {
        let counts = RunSummary(counts: [:]).json
        let valid: [String: JSON] = ["run": "20250131T120000Z-1", "ending": "failed", "counts": counts]
        func record(_ key: String, _ value: JSON) throws -> RunRecord {
            try RunRecord(.object(valid.merging([key: value]) { $1 }))
        }
        #expect(try record("deployer", .string(String(repeating: "x", count: 9000))).deployer?.count == 200)
        let hostile: [(String, JSON)] = [
            ("run", "1\n2"), ("ending", "splendid"), ("seconds", -1), ("seconds", .number(1e300)), ("counts", [:]),
            ("only", [1]),
        ]
        for (key, value) in hostile { #expect(throws: MalformedMessage.self, "\(key)") { try record(key, value) } }
        #expect(throws: MalformedMessage.self) { try RunAnswer(["known": ["a\nb"]]) }
    }

    @Test func `a question is an operation, and no other operation is a question`() {
        for question in [
            RunQuestion.list, .attach(), .attach(run: "20250131T120000Z-1", after: 7), .journal(run: nil),
            .journal(run: "20250131T120000Z-1"),
        ] {
            #expect(RunQuestion(question.operation) == question)
        }
        #expect(RunQuestion(.forgotten) == nil)
    }
}
