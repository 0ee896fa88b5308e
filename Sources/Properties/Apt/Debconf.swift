/// The answers to the questions of packages (debconf(7)).
enum Debconf {
    /// Whether anything is known of a question, so that its package may set itself up other than by its defaults.
    static func knows(_ question: String, on machine: Machine) throws -> Bool {
        guard let database = try machine.files.readIfPresent("/var/cache/debconf/config.dat") else { return false }
        return String(decoding: database, as: UTF8.self).split(separator: "\n").contains { $0 == "Name: \(question)" }
    }
}
