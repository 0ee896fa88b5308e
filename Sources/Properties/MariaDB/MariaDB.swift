/// MariaDB: a server, and what is in it.
///
///     MariaDB.Server()
///     MariaDB.Database("shop")
///     MariaDB.User("shop", password: Secret("shop-db-password"))
///     MariaDB.Grant(.all, on: .database("shop"), to: "shop")
///     MariaDB.Settings(["innodb_buffer_pool_size": "512M"])
///
/// Propel connects over the socket as root, for which Debian's servers need no password. One question answers for all
/// properties of the server. What a declaration no longer names stays: a user or a database is removed only if it is
/// declared as ``MariaDB/User/Absent`` or ``MariaDB/Database/Absent``, and a database after a dump.
public enum MariaDB {
    /// The server, from the package of the release, running now and at boot.
    ///
    ///     MariaDB.Server()
    ///
    /// It is never removed, since its data would go with it. ``Apt/Absent`` removes the package, and leaves the data
    /// unless it is purged.
    public struct Server: CompositeProperty {
        public typealias Target = DebianLike

        public init() {}

        public var name: String { "MariaDB" }

        public var body: [Declaration] {
            Apt.Installed("mariadb-server")
            Service("mariadb")
        }
    }

    /// Settings of the server, in a drop-in (`/etc/mysql/mariadb.conf.d`).
    ///
    ///     MariaDB.Settings(["max_connections": "200", "bind_address": "10.0.0.5"])
    ///
    /// The server must accept them before they are put in place, and is restarted after a change.
    public struct Settings: CompositeProperty {
        public typealias Target = DebianLike

        public let values: [String: String]
        public let id: String

        /// - Parameters:
        ///   - values: the values by the names of the settings, for the section `[mariadbd]`. An empty value makes a
        ///     switch such as `skip_name_resolve`.
        ///   - id: the name of the drop-in, which sorts after those of the packages; `propel` by default.
        public init(_ values: [String: String], id: String = "propel") {
            self.values = values
            self.id = id
        }

        public var name: String { "MariaDB settings\(id == "propel" ? "" : " \(id)")" }

        public var body: [Declaration] {
            DropIn(values: values, id: id).onChange(Service.Restart("mariadb"))
        }

        /// The opposite: the drop-in goes, and the server is restarted.
        public func reverted() -> PropertyGroup<DebianLike> {
            PropertyGroup("no \(name)") {
                DropIn(values: values, id: id).reverted().onChange(Service.IfRunning.restart("mariadb"))
            }
        }

        /// The file of the settings.
        struct DropIn: FileBacked {
            typealias Target = DebianLike

            let values: [String: String]
            let id: String

            var name: String { "settings" }
            var file: File {
                let lines = values.sorted { $0.key < $1.key }.map { name, value in
                    value.isEmpty ? "\(name)\n" : "\(name) = \(value)\n"
                }
                // “zz”, since the last value counts.
                return File(
                    "/etc/mysql/mariadb.conf.d/zz-\(id).cnf", Content("[mariadbd]\n" + lines.joined()),
                    validation: {
                        Invocation(
                            "/usr/sbin/mariadbd", ["--defaults-file=\($0)", "--user=mysql", "--verbose", "--help"])
                    })
            }

            func check(on machine: Machine) async throws -> Check {
                try validate()
                guard try machine.files.status(of: "/usr/sbin/mariadbd") != nil else {
                    throw Undetermined(until: "MariaDB is installed")
                }
                return try await file.check(on: machine)
            }

            func validate() throws {
                try PlainName.validate(id, of: "MariaDB settings")
                guard !values.isEmpty else { throw Failure("no MariaDB settings are declared", advice: "Name some.") }
                for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                    guard name.utf8.first?.isASCIILetterOrDigit == true,
                        name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }),
                        !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }), value.trimmed == value
                    else {
                        throw Failure(
                            "invalid MariaDB setting “\(name.escaped) = \(value.escaped)”",
                            advice: "Write the name of a variable of the server, and a value of one line.")
                    }
                }
            }
        }
    }
}
