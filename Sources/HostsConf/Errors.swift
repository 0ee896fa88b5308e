extension HostsConf {
    /// Everything that is wrong with a `hosts.conf`, in the order of its lines.
    public struct Errors: Error, Equatable, CustomStringConvertible {
        /// The name of the file.
        public let file: String
        /// In the order of their lines.
        public let problems: [Problem]

        init(file: String, problems: [Problem]) {
            self.file = file
            self.problems = problems.sorted {
                ($0.line, $0.column ?? 0, $0.message) < ($1.line, $1.column ?? 0, $1.message)
            }
        }

        /// A line for each problem: `hosts.conf:12: unknown role “prod”: did you mean “production”?`.
        public var description: String {
            problems.map { problem in
                let place = [problem.line].compactMap { $0 > 0 ? $0 : nil } + [problem.column].compactMap { $0 }
                return "\(file):" + place.map { "\($0):" }.joined() + " \(problem.message)"
            }.joined(separator: "\n")
        }
    }

    /// One thing that is wrong with a `hosts.conf`.
    public struct Problem: Sendable, Equatable {
        /// Counted from 1; 0 for a problem of the whole file.
        public let line: Int
        /// Counted from 1, in characters; only for syntax errors.
        public let column: Int?
        /// The problem and its solution, as a fragment of a sentence.
        public let message: String

        init(line: Int, column: Int? = nil, message: String) {
            self.line = line
            self.column = column
            self.message = message
        }
    }

    /// `hosts.conf` has no entry with the name.
    public struct UnknownHost: Error, Equatable, CustomStringConvertible {
        /// The name that was asked for.
        public let name: String
        public let file: String
        /// The most similar names, the most likely first.
        public let nearest: [String]
        /// All names, in the order of the file.
        public let known: [String]

        init(name: String, file: String, known: [String]) {
            self.name = name
            self.file = file
            self.nearest = nearestNames(to: name, among: known)
            self.known = known
        }

        public var description: String {
            var text = "\(file) has no host \(name.quoted)"
            if !nearest.isEmpty { text += ": did you mean \(alternatives(nearest.map(\.quoted)))?" }
            return text + (known.isEmpty ? "\nIt has no hosts." : "\nIts hosts are \(known.joined(separator: ", ")).")
        }
    }
}
