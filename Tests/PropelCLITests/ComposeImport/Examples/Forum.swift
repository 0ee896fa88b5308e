import Propel
import Properties

/// A forum of nine services, with what they share in fields of their kind.
func forumExample(_ host: HostEntry) throws -> Host {
    try Host("forum.example.com", runs: Debian.self) {
        // From compose.yaml, by `propel compose import`.
        //
        // Before the first deployment, with the values of the file:
        //     propel secret set forum-db-password
        //     propel secret set forum-meili-master-key
        //     propel secret set forum-secret-key-base
        //
        // Containers of a profile are there if the host's entry says so:
        //     profile-console = true

        try Stack("forum", networks: .shared) {
            Container("db", image: "postgres:16-alpine") {
                SharedMemory("256 MiB")
                Environment("POSTGRES_USER", "forum")
                Environment("POSTGRES_DB", "forum")
                Environment("POSTGRES_PASSWORD", "\(Secret("forum-db-password"))")
                Volume("db", at: "/var/lib/postgresql/data")
                ConfigurationFile(
                    "/docker-entrypoint-initdb.d/extensions.sql",
                    """
                    CREATE EXTENSION IF NOT EXISTS pg_trgm;

                    """)
                HealthCheck(
                    "pg_isready --username=${POSTGRES_USER}",
                    every: .seconds(5),
                    timeout: .seconds(3),
                    retries: 10,
                    startPeriod: .seconds(20))
                Logging("json-file", ["max-size": "10m", "max-file": "3"])
            }
            Container("cache", image: "redis:7-alpine") {
                Container.Command(line: "redis-server --save 60 1 --appendonly \"yes\" --maxmemory-policy noeviction")
                Volume("cache", at: "/data")
                HealthCheck("redis-cli ping | grep PONG", every: .seconds(10), timeout: .seconds(30), retries: 5)
                Logging("json-file", ["max-size": "10m", "max-file": "3"])
            }
            Container("search", image: "getmeili/meilisearch:v1.10") {
                Environment("MEILI_NO_ANALYTICS", "true")
                Environment("MEILI_MASTER_KEY", "\(Secret("forum-meili-master-key"))")
                Volume("search", at: "/meili_data")
                Logging("json-file", ["max-size": "10m", "max-file": "3"])
                ResourceLimits(memory: "1 GiB", cpus: 1.5)
                ComposeKeys(["mem_reservation": "256m"])
            }
            Container("mail", image: "boky/postfix:4.3.0") {
                Container.Hostname("mail.example.com")
                Environment("ALLOWED_SENDER_DOMAINS", "example.com")
                Ulimits(["nofile": .soft(4096, hard: 8192), "core": 0])
                Logging("json-file", ["max-size": "10m", "max-file": "3"])
            }
            Container("migrate", image: "ghcr.io/example/forum:4.2") {
                Container.Command("bin/rails", "db:migrate")
                DependsOn("db")
                Container.User("1000:1000")
                Environment("RAILS_ENV", "production")
                Environment("DATABASE_URL", "postgres://forum:\(Secret("forum-db-password"))@db/forum")
                Environment("REDIS_URL", "redis://cache:6379/0")
                Environment("SEARCH_URL", "http://search:7700")
                Environment("SMTP_ADDRESS", "mail")
                Environment("SECRET_KEY_BASE", "\(Secret("forum-secret-key-base"))")
                Volume(named: "forum_files", at: "/forum/uploads")
                Logging("json-file", ["max-size": "10m", "max-file": "3"])
                RestartPolicy(.never)
            }
            Container("web", image: "ghcr.io/example/forum:4.2") {
                Container.Command(line: "bin/rails server --binding 0.0.0.0")
                Environment("WEB_CONCURRENCY", "4")
                Environment("RAILS_ENV", "production")
                Environment("DATABASE_URL", "postgres://forum:\(Secret("forum-db-password"))@db/forum")
                Environment("REDIS_URL", "redis://cache:6379/0")
                Environment("SEARCH_URL", "http://search:7700")
                Environment("SMTP_ADDRESS", "mail")
                Environment("SECRET_KEY_BASE", "\(Secret("forum-secret-key-base"))")
                DependsOn("db")
                DependsOn("cache")
                DependsOn("search")
                DependsOn("migrate")
                HealthCheck(
                    program: "curl",
                    ["--fail", "http://localhost:3000/health"],
                    every: .seconds(15),
                    timeout: .seconds(5),
                    retries: 3,
                    startPeriod: .minutes(1))
                Container.User("1000:1000")
                Volume(named: "forum_files", at: "/forum/uploads")
                Logging("json-file", ["max-size": "10m", "max-file": "3"])
            }
            Container("worker", image: "ghcr.io/example/forum:4.2") {
                Container.Command(line: "bin/jobs")
                Init()
                StopTimeout(.seconds(90))
                StopSignal("SIGINT")
                DependsOn("web")
                DependsOn("mail")
                Container.User("1000:1000")
                Environment("RAILS_ENV", "production")
                Environment("DATABASE_URL", "postgres://forum:\(Secret("forum-db-password"))@db/forum")
                Environment("REDIS_URL", "redis://cache:6379/0")
                Environment("SEARCH_URL", "http://search:7700")
                Environment("SMTP_ADDRESS", "mail")
                Environment("SECRET_KEY_BASE", "\(Secret("forum-secret-key-base"))")
                Volume(named: "forum_files", at: "/forum/uploads")
                Logging("json-file", ["max-size": "10m", "max-file": "3"])
            }
            Container("proxy", image: "nginx:1.27-alpine") {
                Publish(8080, to: 80)
                Publish(9113, on: "127.0.0.1")
                ConfigurationFile(
                    "/etc/nginx/conf.d/default.conf",
                    """
                    server {
                        listen 80;
                        location /uploads/ { alias /uploads/; }
                        location / {
                            proxy_pass http://web:3000;
                            proxy_set_header Host $host;
                        }
                    }

                    """)
                Volume(named: "forum_files", at: "/uploads", isReadOnly: true)
                Tmpfs("/var/cache/nginx")
                Tmpfs("/run", size: "16 MiB", mode: 0o755)
                DependsOn("web")
                Logging("json-file", ["max-size": "10m", "max-file": "3"])
            }
            if try host.bool("profile-console") == true {
                Container("console", image: "ghcr.io/example/forum:4.2") {
                    Container.Command(line: "bin/rails console")
                    Container.User("1000:1000")
                    Environment("RAILS_ENV", "production")
                    Environment("DATABASE_URL", "postgres://forum:\(Secret("forum-db-password"))@db/forum")
                    Environment("REDIS_URL", "redis://cache:6379/0")
                    Environment("SEARCH_URL", "http://search:7700")
                    Environment("SMTP_ADDRESS", "mail")
                    Environment("SECRET_KEY_BASE", "\(Secret("forum-secret-key-base"))")
                    Volume(named: "forum_files", at: "/forum/uploads")
                    Logging("json-file", ["max-size": "10m", "max-file": "3"])
                    ComposeKeys(["stdin_open": true, "tty": true])
                }
            }
        }
    }
}
