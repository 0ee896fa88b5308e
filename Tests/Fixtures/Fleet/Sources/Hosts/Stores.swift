import Properties

/// A host with databases and a backup of them.
let stores = Role("stores", runs: Debian.self) { _ in
    Postgres.Server()
    Postgres.Settings(["shared_buffers": "64MB", "work_mem": "8MB"])
    Postgres.Access([.init(.host, databases: ["shop"], users: ["shop"], from: "10.9.0.0/16", .scramSHA256)])
    Postgres.Role("reports", attributes: [])
    Postgres.Role("shop", password: Secret("shop-password"), memberOf: ["reports"])
    Postgres.Database("shop", owner: "shop", encoding: "UTF8", locale: "C.UTF-8")
    Postgres.Extension("pg_trgm", in: "shop")
    Postgres.Grant(.connect, on: .database("shop"), to: "reports")
    Postgres.Grant(.select, on: .tables(of: "public", in: "shop"), to: "reports")
    Postgres.Grant(.temporary, on: .database("shop"), to: "PUBLIC").reverted()

    Postgres.Database.Absent("former")
    Postgres.Role.Absent("former", successor: "postgres")

    MariaDB.Server()
    MariaDB.Settings(["max_connections": "50"])
    MariaDB.Database("my_wiki", charset: "utf8mb4")
    MariaDB.User("wiki", password: Secret("wiki-password"))
    MariaDB.Grant(.all, on: .database("my_wiki"), to: "wiki")
    MariaDB.User("backup", authentication: .socket)
    MariaDB.Database.Absent("former")
    MariaDB.User.Absent("former")

    Restic(
        "system", to: "/srv/restic", password: Secret("restic-password"), paths: ["/etc", "/var/backups/shop.sql"],
        excluding: ["/etc/ssl"], before: "runuser -u postgres -- pg_dump shop > /var/backups/shop.sql",
        restoreTest: ["/etc/hostname", "/var/backups/shop.sql"])
    Restic.Absent("former")
    Borg.Absent("former")
    Borg(
        "etc", to: "/srv/borg", password: Secret("restic-password"), paths: ["/etc"],
        restoreTest: ["/etc/hostname"])
}
