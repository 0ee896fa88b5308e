/// The answers to the questions of packages (debconf(7)).
enum Debconf {
    /// Whether a question has an answer, so that its package may configure itself other than by its defaults.
    static func knows(_ question: String, on machine: Machine) throws -> Bool {
        guard let database = try machine.files.readIfPresent("/var/cache/debconf/config.dat") else { return false }
        return String(decoding: database, as: UTF8.self).lines.contains { $0 == "Name: \(question)" }
    }
}
