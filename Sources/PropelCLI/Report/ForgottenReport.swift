import Propel

/// The answer of `propel forgotten`.
struct ForgottenReport: Report {
    var host: String
    var forgotten: [Forgotten]

    var text: TextOutput {
        guard !forgotten.isEmpty else {
            return TextOutput(notes: [
                StyledLine("\(host): all that runs have put in place is still declared".oneLine)
            ])
        }
        return TextOutput(
            lines: Table([["NAME", "LINE THAT REMOVES IT"]] + forgotten.map { [$0.name, $0.removal] }).lines)
    }

    var json: [JSON] {
        forgotten.map { .line("forgotten", $0.json, of: host) }
    }
}
