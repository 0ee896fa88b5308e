import Propel

/// The answer of `propel compose import`: Swift, and what is not in it.
struct ComposeImportReport: Report {
    var file: String
    var swift: String
    var omissions: [String]

    var text: TextOutput {
        TextOutput(verbatim: swift, notes: omissions.map { StyledLine("propel: \(file): not taken over: \($0)") })
    }

    var json: [JSON] {
        [
            .line(
                "import",
                [
                    "file": .string(file), "swift": .string(swift),
                    "omissions": .array(omissions.map(JSON.string)),
                ])
        ]
    }
}
