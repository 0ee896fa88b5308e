extension VolumeBackup {
    /// A MySQL database, by mysqldump and mysql in the container, which goes on.
    ///
    /// The dump is consistent for tables of InnoDB. The password is that of the container's environment:
    /// `MYSQL_ROOT_PASSWORD`, or `MYSQL_PASSWORD` for another user, or the file that the same with `_FILE` names. It is
    /// in the argument list of no program.
    /// - Parameters:
    ///   - database: its name. It must also exist in an empty volume: the image `mysql` creates it (`MYSQL_DATABASE`).
    ///   - user: a user who may read and create all of it; `root` by default.
    public static func mysql(database: String, user: String = "root") -> VolumeBackup {
        let password = MySQLScript.password(["MYSQL"])
        return MySQLScript.backup(
            dump: password + "exec mysqldump --set-gtid-purged=OFF " + MySQLScript.dumpOptions,
            restore: password + MySQLScript.wait("mysqladmin") + "exec mysql " + MySQLScript.restoreOptions,
            user, database)
    }

    /// A MariaDB database, by mariadb-dump and mariadb in the container, which goes on; in images before 11 by
    /// mysqldump and mysql.
    ///
    /// The dump is consistent for tables of InnoDB. The password is that of the container's environment:
    /// `MARIADB_ROOT_PASSWORD` or `MYSQL_ROOT_PASSWORD`, for another user the same without `ROOT_`, or the file that
    /// the same with `_FILE` names. It is in the argument list of no program.
    /// - Parameters:
    ///   - database: its name. It must also exist in an empty volume: the image `mariadb` creates it
    ///     (`MARIADB_DATABASE`).
    ///   - user: a user who may read and create all of it; `root` by default.
    public static func mariadb(database: String, user: String = "root") -> VolumeBackup {
        func program(_ name: String, _ former: String) -> String {
            "program=\(name)\ncommand -v \(name) > /dev/null || program=\(former)\n"
        }
        let password = MySQLScript.password(["MARIADB", "MYSQL"])
        return MySQLScript.backup(
            dump: password + program("mariadb-dump", "mysqldump") + "exec $program " + MySQLScript.dumpOptions,
            restore: password + program("mariadb-admin", "mysqladmin") + MySQLScript.wait("$program")
                + program("mariadb", "mysql") + "exec $program " + MySQLScript.restoreOptions,
            user, database)
    }

    /// A volume with SQLite databases, and whatever else is in it: all files at one moment, while its containers are
    /// paused.
    ///
    /// A database with its journal or write-ahead log, as they are at one moment, is what a power cut leaves, and
    /// SQLite recovers from that when it is opened (<https://www.sqlite.org/atomiccommit.html>). So the image needs no
    /// program, and other files of the volume, such as uploads, go with the database. It is restored into an empty
    /// volume, before any program opens it.
    public static var sqlite: VolumeBackup { .archive(while: .paused) }
}

/// The scripts that dump and restore a database of MySQL or MariaDB. The first argument is the user, the second the
/// database.
private enum MySQLScript {
    static func backup(dump: String, restore: String, _ user: String, _ database: String) -> VolumeBackup {
        func words(_ script: String) -> [String] { ["/bin/sh", "-c", "set -eu\n" + script, "sh", user, database] }
        return .dump(words(dump), restore: words(restore))
    }

    /// Sets `MYSQL_PWD` to the first password that the environment has.
    static func password(_ prefixes: [String]) -> String {
        "root=\n[ \"$1\" != root ] || root=ROOT_\n"
            + """
            export MYSQL_PWD=
            for prefix in \(prefixes.joined(separator: " ")); do
                eval "value=\\${${prefix}_${root}PASSWORD-} file=\\${${prefix}_${root}PASSWORD_FILE-}"
                [ -z "$file" ] || value=$(cat "$file")
                [ -z "$value" ] || { MYSQL_PWD=$value; break; }
            done

            """
    }

    /// Waits for the server itself: the one that an image starts to initialize its directory does not listen to TCP.
    static func wait(_ admin: String) -> String {
        """
        second=0
        until \(admin) --protocol=tcp --host=127.0.0.1 --silent ping >&2 || [ $second -ge 120 ]; do
            sleep 1
            second=$((second + 1))
        done

        """
    }

    static let dumpOptions = """
        --user="$1" --single-transaction --quick --routines --triggers --events --hex-blob --no-tablespaces \
        --default-character-set=utf8mb4 -- "$2"
        """
    static let restoreOptions = #"--user="$1" --default-character-set=utf8mb4 --database="$2""#
}
