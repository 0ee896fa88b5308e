/// The packages that apt has installed for others, and that an autoremove removes when no other needs them
/// (`/var/lib/apt/extended_states`, apt-mark(8)).
struct AutomaticPackages: MachineFact, Equatable {
    /// The names, and the names with their architectures.
    private var names: Set<String> = []

    static func read(from machine: Machine) async throws -> AutomaticPackages {
        let bytes = try machine.files.readIfPresent("/var/lib/apt/extended_states") ?? []
        return AutomaticPackages(String(decoding: bytes, as: UTF8.self))
    }

    init(_ text: String) {
        var name = "", architecture = ""
        for line in text.lines {
            func value(_ field: String) -> String? {
                line.begins(with: field) ? Substring(line.utf8.dropFirst(field.utf8.count)).trimmed : nil
            }
            if let found = value("Package:") { name = found }
            if let found = value("Architecture:") { architecture = found }
            guard value("Auto-Installed:") == "1" else { continue }
            names.insert(name)
            names.insert("\(name):\(architecture)")
        }
    }

    func contains(_ name: String) -> Bool { names.contains(name) }
}
