import Propel

/// The answer of `propel compose`: the compose file of a stack, byte for byte.
struct ComposeReport: Report {
    var host: String
    var stack: String
    var file: String

    var text: TextOutput { TextOutput(verbatim: file) }

    var json: [JSON] {
        [.line("compose", ["host": .string(host), "stack": .string(stack), "file": .string(file)])]
    }
}
