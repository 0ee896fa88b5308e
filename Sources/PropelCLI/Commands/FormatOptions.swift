import ArgumentParser

/// The form of the answer.
struct FormatOptions: ParsableArguments {
    @Flag(name: .long, help: "Print one JSON object a line on standard output, for programs.")
    var json = false

    var format: OutputFormat { OutputFormat(isJSON: json) }
}
