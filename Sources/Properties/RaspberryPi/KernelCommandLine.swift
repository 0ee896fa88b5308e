/// The line in `cmdline.txt`. Parameters that are not edited stay byte for byte.
struct KernelCommandLine {
    /// The whitespace before, between and after the parameters.
    private var gaps: [String]
    private(set) var parameters: [String]

    /// - Throws: ``Failure`` if it is not a single line that can boot a machine.
    init(_ lines: TextLines) throws {
        guard let text = String(validating: lines.bytes, as: UTF8.self) else {
            throw Failure("cmdline.txt is not UTF-8", advice: "Edit the file by hand: one line, with `root=` in it.")
        }
        gaps = [""]
        parameters = []
        var isInside = false, isQuoted = false
        for character in text.unicodeScalars {
            // A value in double quotes may contain spaces (kernel-parameters.txt).
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
                    "The machine would not boot correctly. Edit the file by hand: one line, with `root=` in it (see "
                    + "`cat /proc/cmdline`)."
            )
        }
    }

    var lines: TextLines {
        var text = gaps[0]
        for (parameter, gap) in zip(parameters, gaps.dropFirst()) { text += parameter + gap }
        return TextLines(Array(text.utf8))
    }

    mutating func replace(_ index: Int, with parameter: String) { parameters[index] = parameter }

    /// Adds a parameter at the end of the line.
    mutating func append(_ parameter: String) {
        parameters.append(parameter)
        gaps.insert(" ", at: gaps.count - 1)
    }

    mutating func remove(_ index: Int) {
        parameters.remove(at: index)
        // The newline stays.
        gaps.remove(at: index == parameters.count ? index : index + 1)
    }

    /// The name before the `=`. To the kernel, `-` and `_` are the same (kernel-parameters.txt).
    static func key(of parameter: String) -> String {
        String(parameter.prefix { $0 != "=" }.map { $0 == "-" ? "_" : $0 })
    }
}
