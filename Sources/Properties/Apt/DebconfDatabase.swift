/// The answers to the questions of packages (debconf(7)).
struct DebconfDatabase {
    let machine: Machine

    init(on machine: Machine) { self.machine = machine }

    /// The answer to a question.
    struct Answer: Equatable {
        var value = ""
        /// Whether somebody has answered it, or it was set: then it is not asked.
        var isSeen = false
    }

    /// The answer to a question; nil without one, so that its package configures itself by its defaults.
    /// - Parameter isPassword: whether the question asks for a password: those have their own file.
    func answer(to question: String, isPassword: Bool = false) throws -> Answer? {
        let file: FilePath = isPassword ? "/var/cache/debconf/passwords.dat" : "/var/cache/debconf/config.dat"
        guard let database = try machine.files.readIfPresent(file) else { return nil }
        var answer: Answer?
        for line in String(decoding: database, as: UTF8.self).lines {
            if line.hasPrefix("Name: ") {
                // The blocks are separated by empty lines, and begin with their names.
                if answer != nil { break }
                if line.dropFirst("Name: ".count) == question { answer = Answer() }
            } else if line.hasPrefix("Value: ") {
                answer?.value = String(line.dropFirst("Value: ".count))
            } else if line.hasPrefix("Flags: ") {
                answer?.isSeen = line.dropFirst("Flags: ".count).split(separator: ",").contains {
                    $0 == "seen" || $0 == " seen"
                }
            }
        }
        return answer
    }
}
