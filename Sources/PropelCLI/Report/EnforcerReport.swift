import Propel

/// The answer of `propel enforcer build` and `propel enforcer import`: the file of the program.
struct EnforcerReport: Report {
    var file: String
    var architecture: String
    var sha256: String
    /// The fingerprint of the sources that it was built from.
    var sources: String
    /// Whether the command that imports it elsewhere is shown.
    var isBuilt: Bool

    var text: TextOutput {
        // Not wrapped: the command is for copying.
        var text = TextOutput(verbatim: file + "\n")
        if isBuilt {
            text.notes = [
                StyledLine("To import a copy of this file on a computer that cannot build it:"),
                StyledLine(
                    "propel enforcer import FILE --architecture \(architecture) --sha256 \(sha256) --sources \(sources)"
                ),
            ]
        }
        return text
    }

    var json: [JSON] {
        [
            .line(
                "enforcer",
                [
                    "file": .string(file), "architecture": .string(architecture), "sha256": .string(sha256),
                    "sources": .string(sources),
                ])
        ]
    }
}
