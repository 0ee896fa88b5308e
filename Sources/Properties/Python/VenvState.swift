/// The packages in an environment of Python, and the record of what was declared when it was made.
struct VenvState {
    private let path: FilePath
    private let machine: Machine

    init(_ path: FilePath, on machine: Machine) {
        self.path = path
        self.machine = machine
    }

    struct Record: Equatable {
        var interpreter: String
        var requirements: String
        /// As ``installed()`` lists them.
        var installed: [String]
    }

    /// The name of the file in the environment with the declared packages.
    static let list = "requirements.propel.txt"

    /// pip of an environment, with the rights of its owner.
    static func pip(_ path: FilePath, _ arguments: [String], _ account: Accounts.User) -> Invocation {
        Invocation(
            path.string + "/bin/python",
            ["-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check"] + arguments, timeout: .hours(1)
        ).asUser(account)
    }

    private var file: FilePath {
        Machine.state.appending("venvs").appending(escaping: path.string + ".json")
    }

    /// The record of what was declared when the environment was made; nil if it was not, or not to its end.
    func record() throws -> Record? {
        guard let bytes = try machine.files.readIfPresent(file), let json = try? JSON(parsing: bytes),
            let interpreter = json["interpreter"]?.string, let requirements = json["requirements"]?.string,
            let installed = json["installed"]?.array
        else { return nil }
        return Record(
            interpreter: interpreter, requirements: requirements, installed: installed.compactMap(\.string))
    }

    func remember(_ record: Record) throws {
        let json: JSON = [
            "interpreter": .string(record.interpreter), "requirements": .string(record.requirements),
            "installed": .array(record.installed.map { .string($0) }),
        ]
        try machine.files.replacePrivate(file, with: Array(json.description.utf8))
    }

    func forget() throws { try machine.files.remove(file) }

    /// The packages with their versions, sorted: `flask-3.0.0`, by the directories that they are described in.
    func installed() throws -> [String] {
        let libraries = path.appending("lib")
        guard try machine.files.status(of: libraries) != nil else { return [] }
        var found: [String] = []
        for name in try machine.files.list(libraries) where name.hasPrefix("python") {
            let packages = libraries.appending(name).appending("site-packages")
            guard try machine.files.status(of: packages) != nil else { continue }
            found += try machine.files.list(packages).filter { $0.hasSuffix(".dist-info") }.map {
                String($0.dropLast(".dist-info".count))
            }
        }
        return found.sorted()
    }

    /// The name by which packages are compared (PEP 503).
    static func normalized(_ name: String) -> String {
        name.lowercased().split(whereSeparator: { "-_.".contains($0) }).joined(separator: "-")
    }
}
