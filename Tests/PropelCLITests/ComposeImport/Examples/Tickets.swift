import Propel
import Properties

/// A ticket system with files of variables and secrets.
func ticketsExample(_ host: HostEntry) throws -> Host {
    Host("tickets.example.com", runs: Debian.self) {
        // From compose.yaml, by `propel compose import`.
        //
        // Before the first deployment, with the values of the file:
        //     propel secret set tickets-session-secret
        //     propel secret set tickets-db-password --file ./secrets/db_password.txt
        //     propel secret set tickets-db-root-password --file ./secrets/db_root_password.txt
        //     propel secret set tickets-mail-password --file ./secrets/mail_password.txt

        Stack("tickets", networks: .shared) {
            Container("db", image: "mariadb:11.4") {
                Environment("MARIADB_DATABASE", "tickets")
                Environment("MARIADB_USER", "tickets")
                Environment("MARIADB_PASSWORD_FILE", "/run/secrets/db_password")
                Environment("MARIADB_ROOT_PASSWORD_FILE", "/run/secrets/db_root_password")
                Container.Command(line: "--transaction-isolation=READ-COMMITTED --log-bin --binlog-format=ROW")
                ConfigurationFile("/run/secrets/db_password", "\(Secret("tickets-db-password"))", mode: 0o444)
                ConfigurationFile("/run/secrets/db_root_password", "\(Secret("tickets-db-root-password"))", mode: 0o444)
                Volume("data-db", at: "/var/lib/mysql", in: "/opt/tickets/data/db")
            }
            Container("app", image: "zammad/zammad:6.4") {
                Environment("TZ", "Europe/Berlin")
                Environment("LOG_LEVEL", "warn")
                Environment("FQDN", "tickets.example.com")
                Environment("SESSION_SECRET", "\(Secret("tickets-session-secret"))")
                Environment("EMPTY", "")
                Environment("DB_PASSWORD_FILE", "/run/secrets/db_password")
                Environment("GREETING", "Good morning, ${USER}")
                ConfigurationFile("/run/secrets/db_password", "\(Secret("tickets-db-password"))", mode: 0o444)
                ConfigurationFile("/run/mail/password", "\(Secret("tickets-mail-password"))", mode: 0o400, owner: 1000)
                ConfigurationFile(
                    "/etc/tickets/settings.ini",
                    """
                    [tickets]
                    language = de
                    price = 5$

                    """)
                Volume("data-app", at: "/opt/tickets/storage", in: "/opt/tickets/data/app")
                BindMount("/opt/tickets/data/app/attachments", at: "/import")
                Publish(3000, on: "127.0.0.1")
                DependsOn("db")
                ExtraHosts([
                    "mail.example.com": "192.0.2.25",
                    "machine": "host-gateway",
                ])
                DNS("192.0.2.53")
            }
        }
    }
}
