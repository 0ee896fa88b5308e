extension Python {
    /// A virtual environment of Python with exactly the declared packages and what they need
    /// (<https://docs.python.org/3/library/venv.html>).
    ///
    ///     Python.Venv("/srv/app/venv", packages: ["gunicorn==21.2.0", "flask>=3"], owner: "app")
    ///     Python.Venv("/srv/tool/venv", requirements: "requests==2.31.0\nurllib3==2.0.7\n", owner: "tool")
    ///     Python.Venv.Upgrade("/srv/app/venv").periodically(every: .days(7)).onChange(Service.Restart("app"))
    ///
    /// Packages are installed with the rights of the owner, since their build runs their code. A package that was added
    /// or removed by hand is found by the names in the environment, and a package that is no longer declared or needed
    /// is removed. When the interpreter of the machine gets another minor version, as by an upgrade of Debian, the
    /// environment is made again. Restart what runs in it by `.onChange`.
    public struct Venv: Revertible {
        public typealias Target = DebianLike

        public let path: FilePath
        /// The text of a requirements file.
        public let requirements: String
        public let owner: String
        public let python: FilePath
        /// Whether the packages of the system's interpreter can be imported too.
        public let hasSystemPackages: Bool

        /// - Parameters:
        ///   - path: absolute: the directory. The directory above it must exist, or be declared before.
        ///   - packages: requirements, as pip takes them: `flask`, `flask>=3`, `gunicorn==21.2.0`. Without a version
        ///     the present one is installed once, and stays until an ``Upgrade``.
        ///   - requirements: the text of a requirements file, beside or in place of `packages`.
        ///   - owner: the name of the user who owns it; root by default.
        ///   - python: the interpreter; that of Debian by default.
        ///   - systemPackages: whether the packages of that interpreter, such as python3-apt, can be imported too; no
        ///     by default.
        public init(
            _ path: FilePath, packages: [String] = [], requirements: String = "", owner: String = "root",
            python: FilePath = "/usr/bin/python3", systemPackages: Bool = false
        ) {
            self.path = path
            let text = requirements.isEmpty || requirements.endsInNewline ? requirements : requirements + "\n"
            self.requirements = text + packages.map { $0 + "\n" }.joined()
            self.owner = owner
            self.python = python
            hasSystemPackages = systemPackages
        }

        public var name: String { "Python environment \(path)" }
        public var claims: [Claim] {
            [.path(path, is: "\(python)\(kind) \(owner) \(requirements)", summary: "an environment of Python")]
        }
        public var problems: [String] { problems(in: validate) }

        private var kind: String { hasSystemPackages ? " with system packages" : "" }

        public func declaration(at place: SourcePlace) -> Declaration {
            declaration(at: place, requiring: [Apt.Installed("python3-venv")])
        }

        /// - Throws: ``Undetermined`` if the owner or the interpreter does not exist yet, ``Failure`` if something else
        ///   is in its place.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            _ = try await machine.awaitedUser(owner)
            let interpreter = try interpreter(on: machine), state = VenvState(path, on: machine)
            guard let found = try machine.files.status(of: path) else {
                try await machine.requireDirectory(of: path)
                return .unmet("create", diff: Diff(from: [], to: Array(requirements.utf8)))
            }
            guard found.kind == .directory else {
                throw Failure(
                    "\(path) is a \(found.kind.words), and an environment is declared there",
                    advice: "Move it away, or declare another path.")
            }
            guard let record = try state.record() else {
                try refuseOther(on: machine)
                return .unmet("install the declared packages")
            }
            guard record.interpreter == interpreter else {
                return .unmet("create again: it is for \(record.interpreter), and \(python) is \(interpreter)")
            }
            guard record.requirements == requirements else {
                return .unmet(
                    "other packages", diff: Diff(from: Array(record.requirements.utf8), to: Array(requirements.utf8)))
            }
            let installed = try state.installed()
            let missing = record.installed.filter { !installed.contains($0) }
            let added = installed.filter { !record.installed.contains($0) }
            return .unmet(unlessEmpty: missing.map { "install \($0)" } + added.map { "remove \($0)" })
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            let account = try await machine.awaitedUser(self.owner), interpreter = try interpreter(on: machine)
            let owner = Owner(user: account.id, group: account.group), state = VenvState(path, on: machine)
            let former = try state.record()
            if former == nil { try refuseOther(on: machine) }
            try machine.originals.keep(path)
            // Half an environment counts as none.
            try state.forget()
            if try machine.files.status(of: path) == nil {
                try machine.files.createDirectory(path, mode: 0o755, owner: owner)
            }
            let isFresh = former?.interpreter != interpreter
            if isFresh {
                try await machine.succeed(
                    Invocation(
                        python.string,
                        ["-m", "venv", "--clear"] + (hasSystemPackages ? ["--system-site-packages"] : [])
                            + [path.string]
                    ).asUser(account))
            }
            let list = path.appending(VenvState.list)
            try machine.files.replace(list, with: Array(requirements.utf8), mode: 0o644, owner: owner)
            machine.showProgress("installing packages of Python")
            try await machine.succeed(VenvState.pip(path, ["install", "--requirement", list.string], account))
            if !isFresh { try await removeOthers(list, account, on: machine) }
            try state.remember(
                .init(interpreter: interpreter, requirements: requirements, installed: try state.installed()))
        }

        /// - Throws: ``Failure`` if it is a directory with something else in it: an environment is made from nothing.
        private func refuseOther(on machine: Machine) throws {
            guard try machine.files.status(of: path) != nil, try !machine.originals.wasAbsent(path),
                try machine.files.status(of: path.appending("pyvenv.cfg")) == nil,
                try !machine.files.list(path).isEmpty
            else { return }
            throw Failure(
                "\(path) has something else in it than an environment of Python",
                advice: "Declare a path that does not exist, such as \(path)/venv.")
        }

        /// Removes what the declared packages do not need: pip tells what it would install if nothing were there.
        private func removeOthers(_ list: FilePath, _ account: Accounts.User, on machine: Machine) async throws {
            let report = try await machine.succeed(
                VenvState.pip(
                    path,
                    ["install", "--dry-run", "--ignore-installed", "--report", "-", "--requirement", list.string],
                    account))
            guard let needed = try? JSON(parsing: report.output)["install"]?.array else {
                throw Failure("pip does not tell what \(path) needs", advice: "Remove \(path), then run again.")
            }
            let names = Set(needed.compactMap { $0["metadata"]?["name"]?.string }.map(VenvState.normalized))
            let others = try VenvState(path, on: machine).installed().compactMap { $0.split(separator: "-").first }
                .map { VenvState.normalized(String($0)) }
                .filter { !names.contains($0) && !["pip", "setuptools", "wheel"].contains($0) }
            guard !others.isEmpty else { return }
            try await machine.succeed(VenvState.pip(path, ["uninstall", "--yes"] + others, account))
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try machine.originals.wasAbsent(path) && machine.files.status(of: path) != nil
                ? .unmet("remove \(path)") : .satisfied
        }

        /// Removes the environment if it was not there before.
        public func revert(on machine: Machine) async throws {
            guard try machine.originals.wasAbsent(path) else { return }
            try machine.files.removeTree(path)
            try VenvState(path, on: machine).forget()
            try machine.originals.forget(path)
        }

        /// The interpreter with its version: `python3.11`, to which `/usr/bin/python3` is a link.
        private func interpreter(on machine: Machine) throws -> String {
            guard let found = try machine.files.status(of: python) else {
                throw Undetermined(until: "there is \(python)")
            }
            let target = found.kind == .link ? FilePath(try machine.files.destination(ofLink: python)) : python
            return (target.lastComponent?.string ?? python.string) + kind
        }

        private func validate() throws {
            try validateAbsolute(path)
            try validateAbsolute(python)
            if owner != "root" { try AccountName.validate(owner, of: "user") }
            guard !requirements.utf8.contains(where: { $0 < 0x20 && $0 != 0x0A && $0 != 0x09 }) else {
                throw Failure("the requirements of \(path) have a control character in them", advice: "Remove it.")
            }
        }
    }
}
