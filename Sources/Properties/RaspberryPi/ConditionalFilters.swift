/// The active filters at a line of `config.txt`: a setting counts on machines that match all of them.
///
/// <https://www.raspberrypi.com/documentation/computers/config_txt.html#conditional-filters>
struct ConditionalFilters: Hashable {
    /// The text between the brackets by the kind of filter. The last filter of a kind counts.
    private var filters: [String: String] = [:]

    /// No filters: all machines.
    init() {}

    /// - Throws: ``Failure`` if one is invalid, or two are of one kind.
    init(_ names: [String]) throws {
        for name in names {
            let isPlain = name.utf8.allSatisfy { (0x21..<0x7F).contains($0) && !"[]#".utf8.contains($0) }
            guard isPlain, !name.isEmpty, name != "all", name != "none" else {
                throw Failure(
                    "invalid filter of config.txt “\(name.escaped)”",
                    advice:
                        "Write it without brackets: pi4, cm4, board-type=0x11, gpio4=1. Leave it out for all machines."
                )
            }
            guard filters.updateValue(name, forKey: Self.kind(of: name)) == nil else {
                throw Failure(
                    "the filters [\(names.joined(separator: "] ["))] of config.txt exclude each other",
                    advice: "A filter replaces earlier ones of its kind: declare the setting once for each.")
            }
        }
    }

    /// Reads a line with a filter.
    /// - Returns: whether the line is one.
    mutating func read(_ line: Substring) -> Bool {
        guard line.first == "[", let end = line.firstIndex(of: "]") else { return false }
        let name = String(line[line.index(after: line.startIndex)..<end])
        if name == "all" { filters = [:] } else { filters[Self.kind(of: name)] = name }
        return true
    }

    /// Whether these are active wherever `others` are.
    func include(_ others: ConditionalFilters) -> Bool { filters.allSatisfy { others.filters[$0.key] == $0.value } }

    /// The lines that activate these filters and no others.
    var lines: [String] { ["[all]"] + filters.values.sorted().map { "[\($0)]" } }

    private static func kind(of name: String) -> String {
        // The part before the = of gpio4=1, EDID=…, board-type=…; and HDMI:0.
        if let end = name.firstIndex(where: { "=:<>&".contains($0) }) { return String(name[..<end]) }
        if name.hasPrefix("0x") { return "serial" }
        if name.hasPrefix("pi") || name.hasPrefix("cm") { return "model" }
        return name
    }
}

extension ConditionalFilters: CustomStringConvertible {
    /// The spelling in the file: `[pi4]`.
    var description: String { filters.isEmpty ? "[all]" : lines.dropFirst().joined(separator: " ") }
}
