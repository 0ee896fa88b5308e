/// The filters of `config.txt` that are in force at a line: a setting counts on the machines that all of them fit.
///
/// <https://www.raspberrypi.com/documentation/computers/config_txt.html#conditional-filters>
struct ConditionalFilters: Hashable {
    /// What is between the brackets, by the kind of filter. Of one kind the last counts.
    private var filters: [String: String] = [:]

    /// Of all machines.
    init() {}

    /// - Throws: ``Failure`` where one is no filter, or two are of one kind.
    init(_ names: [String]) throws {
        for name in names {
            let isPlain = name.utf8.allSatisfy { (0x21..<0x7F).contains($0) && !"[]#".utf8.contains($0) }
            guard isPlain, !name.isEmpty, name != "all", name != "none" else {
                throw Failure(
                    "“\(name.escaped)” is no filter of config.txt",
                    advice: "Write it without brackets: pi4, cm4, board-type=0x11, gpio4=1. For all machines give none."
                )
            }
            guard filters.updateValue(name, forKey: Self.kind(of: name)) == nil else {
                throw Failure(
                    "the filters [\(names.joined(separator: "] ["))] of config.txt cannot be in force together",
                    advice: "Of filters of one kind the last replaces the others: declare the setting once for each.")
            }
        }
    }

    /// Reads a line with a filter, where it is one.
    /// - Returns: whether it is.
    mutating func read(_ line: Substring) -> Bool {
        guard line.first == "[", let end = line.firstIndex(of: "]") else { return false }
        let name = String(line[line.index(after: line.startIndex)..<end])
        if name == "all" { filters = [:] } else { filters[Self.kind(of: name)] = name }
        return true
    }

    /// Whether these are in force wherever `others` are.
    func include(_ others: ConditionalFilters) -> Bool { filters.allSatisfy { others.filters[$0.key] == $0.value } }

    /// The lines that put these in force, whatever was before.
    var lines: [String] { ["[all]"] + filters.values.sorted().map { "[\($0)]" } }

    private static func kind(of name: String) -> String {
        // Whatever stands before the = of gpio4=1, EDID=…, board-type=…; and HDMI:0.
        if let end = name.firstIndex(where: { "=:<>&".contains($0) }) { return String(name[..<end]) }
        if name.hasPrefix("0x") { return "serial" }
        if name.hasPrefix("pi") || name.hasPrefix("cm") { return "model" }
        return name
    }
}

extension ConditionalFilters: CustomStringConvertible {
    /// As they stand in the file: `[pi4]`.
    var description: String { filters.isEmpty ? "[all]" : lines.dropFirst().joined(separator: " ") }
}
