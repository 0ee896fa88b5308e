extension Apt {
    /// A file that packages put elsewhere than they say, so that its path is free (dpkg-divert(1)).
    ///
    ///     Apt.Diversion(of: "/etc/cron.daily/man-db")
    ///     Apt.Diversion(of: "/usr/bin/chromium", to: "/usr/bin/chromium.package")
    ///     File("/usr/bin/chromium", from: "files/chromium")
    ///
    /// The file that is there is moved, and later versions of it go to the same place. A revert moves it back: revert
    /// first what was declared in its place.
    public struct Diversion: Revertible {
        public typealias Target = DebianLike

        public let path: FilePath
        public let destination: FilePath

        /// - Parameters:
        ///   - path: absolute: the path in the package.
        ///   - destination: absolute: the place of the file, in the same file system; the path with `.distrib` added
        ///     by default.
        public init(of path: FilePath, to destination: FilePath? = nil) {
            self.path = path
            self.destination = destination ?? FilePath("\(path).distrib")
        }

        public var name: String { "diversion of \(path)" }
        public var claims: [Claim] { [Claim("the diversion of \(path)", is: destination.string)] }
        public var problems: [String] { problems(in: validate) }

        private static let list: FilePath = "/var/lib/dpkg/diversions"

        /// - Throws: ``Failure`` if the file is diverted to another place, or by a package.
        public func check(on machine: Machine) async throws -> Check {
            try validate()
            guard let found = try diversion(on: machine) else { return .unmet("packages put it at \(destination)") }
            try refuseOther(found)
            return .satisfied
        }

        public func apply(on machine: Machine) async throws {
            try validate()
            try await AptLock(machine: machine).succeed(DpkgCommand.divert(path, to: destination))
        }

        public func checkReverted(on machine: Machine) async throws -> Check {
            try validate()
            guard let found = try diversion(on: machine), found.package == nil, found.destination == destination.string
            else { return .satisfied }
            return .unmet("move \(destination) back")
        }

        public func revert(on machine: Machine) async throws {
            try await AptLock(machine: machine).succeed(DpkgCommand.endDiversion(of: path))
        }

        /// The destination, and the package whose diversion it is; nil for one of the administrator.
        private func diversion(on machine: Machine) throws -> (destination: String, package: String?)? {
            let list = String(decoding: try machine.files.readIfPresent(Self.list) ?? [], as: UTF8.self)
            // Three lines for each: from, to, and the package, or a colon.
            let lines = list.nonEmptyLines.map(String.init)
            for index in stride(from: 0, to: lines.count - 2, by: 3) where lines[index] == path.string {
                return (lines[index + 1], lines[index + 2] == ":" ? nil : lines[index + 2])
            }
            return nil
        }

        private func refuseOther(_ found: (destination: String, package: String?)) throws {
            if let package = found.package {
                throw Failure(
                    "the package \(package) diverts \(path) to \(found.destination)", advice: "Declare no diversion.")
            }
            guard found.destination != destination.string else { return }
            throw Failure(
                "\(path) is diverted to \(found.destination), and \(destination) is declared",
                advice: "Declare that place, or end it with `dpkg-divert --rename --remove \(path)`.")
        }

        private func validate() throws {
            try validateAbsolute(path)
            try validateAbsolute(destination)
            guard path != destination, ![path, destination].contains(where: { $0.string.utf8.contains(0x0A) }) else {
                throw Failure("\(path) cannot be diverted to \(destination)", advice: "Name another path.")
            }
        }
    }
}
