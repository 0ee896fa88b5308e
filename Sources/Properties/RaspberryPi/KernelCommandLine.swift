/// The text of `cmdline.txt`: one line, with blanks between the parameters. What is not edited stays byte for byte.
struct KernelCommandLine {
    /// Before, between and after the parameters: one more than there are.
    private var gaps: [String]
    private(set) var parameters: [String]

    /// - Throws: ``Failure`` where it is not a single line that can start a machine.
    init(_ lines: TextLines) throws {
        guard let text = String(validating: lines.bytes, as: UTF8.self) else {
            throw Failure("cmdline.txt is not UTF-8", advice: "Put it right by hand: one line, with `root=` in it.")
        }
        gaps = [""]
        parameters = []
        var isInside = false, isQuoted = false
        for character in text.unicodeScalars {
            // A value in double quotes may have blanks in it (kernel-parameters.txt).
            if character == "\"" { isQuoted.toggle() }
            let isBlank =
                !isQuoted && " \t".unicodeScalars.contains(character) || "\r\n".unicodeScalars.contains(character)
            if isBlank {
                if isInside { gaps.append("") }
                gaps[gaps.count - 1].unicodeScalars.append(character)
            } else {
                if !isInside { parameters.append("") }
                parameters[parameters.count - 1].unicodeScalars.append(character)
            }
            isInside = !isBlank
        }
        if isInside { gaps.append("") }
        let isOneLine = gaps.dropLast().allSatisfy {
            !$0.unicodeScalars.contains("\n") && !$0.unicodeScalars.contains("\r")
        }
        guard isOneLine, !isQuoted, !parameters.isEmpty else {
            throw Failure(
                parameters.isEmpty
                    ? "cmdline.txt is empty"
                    : isQuoted ? "cmdline.txt has a quote that does not end" : "cmdline.txt has more than one line",
                advice:
                    "The machine would not start as it is meant to. Put it right by hand: one line, with `root=` in it (see `cat /proc/cmdline`)."
            )
        }
    }

    var lines: TextLines {
        var text = gaps[0]
        for (parameter, gap) in zip(parameters, gaps.dropFirst()) { text += parameter + gap }
        return TextLines(Array(text.utf8))
    }

    mutating func replace(_ index: Int, with parameter: String) { parameters[index] = parameter }

    /// Adds one at the end, before what ends the line.
    mutating func append(_ parameter: String) {
        parameters.append(parameter)
        gaps.insert(" ", at: gaps.count - 1)
    }

    mutating func remove(_ index: Int) {
        parameters.remove(at: index)
        // The end of the line stays, whatever goes.
        gaps.remove(at: index == parameters.count ? index : index + 1)
    }

    /// The name before the `=`. The kernel takes `-` and `_` for the same (kernel-parameters.txt).
    static func key(of parameter: String) -> String {
        String(parameter.prefix { $0 != "=" }.map { $0 == "-" ? "_" : $0 })
    }
}
