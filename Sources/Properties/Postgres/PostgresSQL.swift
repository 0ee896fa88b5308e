/// The quoting of SQL for psql(1), whatever the names are.
enum PostgresSQL {
    /// A name in SQL: `"shop"`.
    static func name(_ text: String) -> String { Escaping.doubling("\"").quote(text) }

    /// A string in SQL. With a backslash in it, it is an escape string, whatever the server's settings.
    static func string(_ text: String) -> String {
        let quoted = argument(text)
        return text.utf8.contains(UInt8(ascii: "\\")) ? "E" + quoted : quoted
    }

    /// The parameter of a connection to a database (libpq: connection strings). The name alone could be read as one.
    static func connection(to database: String) -> String {
        "dbname='\(Escaping.backslash(before: "'\\").escape(database))'"
    }

    /// An argument of a command of psql, such as `\connect`.
    static func argument(_ text: String) -> String {
        "'\(Escaping.doubling("'\\").escape(text))'"
    }

    /// A role in a grant: `PUBLIC` stands for all.
    static func grantee(_ role: String) -> String { role == "PUBLIC" ? role : name(role) }

    /// - Throws: ``Failure`` if nothing can have the name.
    static func validate(_ name: String, _ what: String) throws {
        guard 1...63 ~= name.utf8.count, !name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw Failure(
                "invalid name of \(what) “\(name.escaped)”", advice: "Use 1 to 63 characters, and no control character."
            )
        }
    }
}
