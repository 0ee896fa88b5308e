import Foundation
import Propel
import Testing

@testable import PropelCLI

/// What `propel compose import` prints.
@Suite struct ComposeImportTests {
    private func imported(
        _ yaml: String, _ files: [String: String] = [:], directory: FilePath = "/opt/shop"
    ) throws -> (swift: String, omissions: [String]) {
        try Importing.project(yaml, files, directory: directory)
    }

    private func parts(_ service: String, _ files: [String: String] = [:]) throws -> [String] {
        try Importing.parts(service, files)
    }

    // MARK: - Variables and secrets

    @Test(
        arguments: [
            ("${A}", [.literal("1")]), ("$A", [.literal("1")]), ("${A:-x}", [.literal("1")]),
            ("${B:-x}", [.literal("x")]),
            ("${E:-x}", [.literal("x")]), ("${E-x}", [.literal("")]), ("${A:+x}", [.literal("x")]),
            ("${B:+x}", [.literal("")]),
            ("a$$A", [.literal("a$A")]), ("${B:-${A}/c}", [.literal("1/c")]),
            ("a${B}c", [.literal("a"), .key("B"), .literal("c")]),
            ("${B:?missing}", [.key("B")]), ("$", [.literal("$")]), ("$1", [.literal("$1")]),
        ] as [(String, [ComposeText.Part])])
    func `variables are interpolated as compose does it`(_ text: String, _ parts: [ComposeText.Part]) throws {
        let interpolation = Interpolation(variables: ["A": "1", "E": ""])
        #expect(try interpolation.replace(in: ComposeText(text)).parts == parts)
    }

    @Test(arguments: ["${", "${A", "${}", "${A:x}"]) func `an invalid variable is refused`(_ text: String) {
        #expect(throws: UsageError.self) { try Interpolation(variables: [:]).replace(in: ComposeText(text)) }
    }

    @Test(arguments: [
        "POSTGRES_PASSWORD", "DB_PASS", "API_KEY", "SECRET_KEY_BASE", "jwt_token", "ADMIN_PWD",
        "GITEA__security__SECRET_KEY",
        "MYSQL_ROOT_PASSWORD", "AUTHENTIK_SECRET_KEY",
    ])
    func `a variable with such a name is a secret`(_ name: String) {
        #expect(SecretNames.isSecret(name, value: "x9"))
    }

    @Test(arguments: [
        ("ALLOW_EMPTY_PASSWORD", "yes"), ("POSTGRES_PASSWORD_FILE", "/run/secrets/db"), ("KEYCLOAK_USER", "admin"),
        ("TOKEN_LIFETIME", "3600"), ("PASSWORD", ""), ("MONKEY", "1"), ("PUID", "1000"),
    ])
    func `others are not`(_ name: String, _ value: String) {
        #expect(!SecretNames.isSecret(name, value: value))
    }

    @Test func `a secret is one, wherever its value stands, and its value nowhere`() throws {
        let (swift, omissions) = try imported(
            """
            services:
              db:
                image: postgres:15
                environment:
                  POSTGRES_PASSWORD: hunter2-x
              app:
                image: app:1
                environment:
                  - DB_PASSWORD=hunter2-x
                  - DATABASE_URL=postgres://shop:hunter2-x@db/shop
                  - REDIS_URL=redis://:hunter3@cache:6379/0
                  - SESSION_SECRET=${SESSION_SECRET}
                  - OTHER=${SESSION_SECRET:-changeme}
            """, [".env": "SESSION_SECRET=hunter4\n"])
        #expect(!swift.contains("hunter") && !swift.contains("changeme"))
        #expect(swift.contains(#"Environment("POSTGRES_PASSWORD", "\(Secret("shop-postgres-password"))")"#))
        #expect(swift.contains(#"Environment("DB_PASSWORD", "\(Secret("shop-postgres-password"))")"#))
        #expect(swift.contains(#""postgres://shop:\(Secret("shop-postgres-password"))@db/shop""#))
        #expect(swift.contains(#""redis://:\(Secret("shop-redis-url-password"))@cache:6379/0""#))
        #expect(swift.contains(#"Environment("OTHER", "\(Secret("shop-session-secret"))")"#))
        #expect(swift.contains("//     propel secret set shop-postgres-password\n"))
        #expect(omissions == [])
    }

    @Test func `a secret in a command is one, and not printed`() throws {
        let (swift, omissions) = try imported(
            """
            services:
              cache:
                image: redis:7
                command: redis-server --requirepass ${REDIS_PASSWORD} --save "60 1"
              jobs:
                image: redis:7
                entrypoint: [sh, -c, "exec redis-cli -a ${REDIS_PASSWORD}"]
            """, [".env": "REDIS_PASSWORD=hunter2\n"])
        #expect(!swift.contains("hunter2") && omissions == [])
        let lines = swift.components(separatedBy: "\n").map(\.trimmed), secret = #"\(Secret("shop-redis-password"))"#
        let command = try #require(lines.firstIndex(of: "Container.Command("))
        #expect(lines[command - 1] == "// Everybody on the machine can read the secret in it.")
        #expect(
            lines[(command + 1)...].prefix(5) == [
                #"revealing: "redis-server","#, #""--requirepass","#, "\"\(secret)\",", #""--save","#, #""60 1")"#,
            ])
        #expect(lines.contains(#"Entrypoint(revealing: "sh", "-c", "exec redis-cli -a \#(secret)")"#), "\(swift)")
    }

    @Test func `a health check finds a secret in the environment of the container`() throws {
        let lines = try parts(
            """
            environment: {MYSQL_ROOT_PASSWORD: "${DB_ROOT_PASSWORD}"}
            healthcheck: {test: "mysqladmin ping -p${DB_ROOT_PASSWORD}", interval: 10s, timeout: 1m, retries: 5}
            """)
        #expect(
            lines == [
                #"Environment("MYSQL_ROOT_PASSWORD", "\(Secret("shop-db-root-password"))")"#,
                "HealthCheck(", #""mysqladmin ping -p$MYSQL_ROOT_PASSWORD","#, "every: .seconds(10),",
                "timeout: .minutes(1),", "retries: 5)",
            ])
    }

    @Test func `a variable without a value is a key of hosts.conf`() throws {
        let (swift, _) = try imported(
            """
            services:
              app:
                image: "app:${APP_VERSION}"
                environment: [DOMAIN]
            """)
        #expect(swift.contains("let appVersion = try host.string(\"app-version\") ?? \"\"\n"))
        #expect(swift.contains("Container(\"app\", image: \"app:\\(appVersion)\") {"))
        #expect(swift.contains("Environment(\"DOMAIN\", text: \"\\(domain)\")"))
    }

    // MARK: - Files and directories

    @Test func `directories become volumes and files become text`() throws {
        let lines = try parts(
            """
            volumes:
              - ./data:/app/data
              - ./app.conf:/etc/app.conf:ro
              - ./conf.d:/etc/app.d:ro
              - /var/run/docker.sock:/var/run/docker.sock:ro
              - /mnt/media:/media
              - ./missing.yml:/x.yml
              - cache:/cache
            """, ["app.conf": "path = \"C:\\x\"\nworkers = 4\n", "conf.d/a.conf": "a"])
        #expect(
            lines == [
                #"Volume("data", at: "/app/data", in: "/opt/shop/data")"#, "ConfigurationFile(", #""/etc/app.conf","#,
                #"""""#, #"path = "C:\\x""#, "workers = 4", "", #"""")"#,
                #"ConfigurationFile("/etc/app.d/a.conf", "a")"#,
                #"BindMount("/var/run/docker.sock")"#, #"BindMount("/mnt/media", at: "/media", isReadOnly: false)"#,
                "// ./missing.yml is not here: it stays on the machine.",
                #"BindMount("/opt/shop/missing.yml", at: "/x.yml", isReadOnly: false)"#,
                #"Volume("cache", at: "/cache")"#,
            ])
    }

    @Test func `a private key becomes a secret`() throws {
        let (swift, _) = try imported(
            "services: {app: {image: a, volumes: [\"./tls.key:/tls.key:ro\"]}}",
            ["tls.key": "-----BEGIN PRIVATE KEY-----\nhunter2\n"])
        #expect(swift.contains(#"ConfigurationFile("/tls.key", "\(Secret("shop-tls-key"))", mode: 0o444)"#))
        #expect(swift.contains("propel secret set shop-tls-key --file ./tls.key") && !swift.contains("hunter2"))
    }

    @Test func `the stack leaves the directory of the project alone`() throws {
        let yaml = "services: {app: {image: a}}"
        #expect(
            try imported(yaml, directory: "/srv/shop").swift.contains(
                #"Stack("shop", directory: "/srv/propel/shop") {"#))
        #expect(try imported(yaml, directory: "/opt/shop").swift.contains(#"Stack("shop") {"#))
    }

    // MARK: - Ports

    @Test(arguments: [
        ("8080:80", ["Publish(8080, to: 80)"]), ("80:80", ["Publish(80)"]),
        ("127.0.0.1:5432:5432", [#"Publish(5432, on: "127.0.0.1")"#]),
        ("[::1]:53:53/udp", [#"Publish(Port(53, transport: "udp"), on: "::1")"#]),
        ("22:22", ["Publish(22)"]), ("3000-3001:4000-4001", ["Publish(3000, to: 4000)", "Publish(3001, to: 4001)"]),
        ("80", ["PublishOnFreePort(80)"]), ("127.0.0.1::80", [#"PublishOnFreePort(80, on: "127.0.0.1")"#]),
        ("53/udp", [#"PublishOnFreePort(Port(53, transport: "udp"))"#]),
        ("8000-8005:80", ["PublishOnFreePort(80, of: 8000...8005)"]),
        ("3000-3001", ["PublishOnFreePort(3000)", "PublishOnFreePort(3001)"]),
        (
            "4000-4010/udp",
            ["for port: UInt16 in 4000...4010 {", #"PublishOnFreePort(Port(port, transport: "udp"))"#, "}"]
        ),
    ])
    func `a port in the short syntax`(_ port: String, _ lines: [String]) throws {
        #expect(
            try parts("ports: [\(port.contains(":") ? port.hasPrefix("[") ? "\"\(port)\"" : port : port)]") == lines)
    }

    // MARK: - Composition

    @Test func `extends, anchors, env_file and profiles are resolved`() throws {
        let (swift, omissions) = try imported(
            """
            x-common: &common
              restart: unless-stopped
              environment: &env {TZ: Europe/Berlin, LEVEL: info}
            services:
              app:
                <<: *common
                image: app:1
                env_file: app.env
                environment: {<<: *env, LEVEL: debug}
              worker:
                extends: {file: base/base.yml, service: worker}
                image: worker:2
                profiles: [jobs]
            """,
            [
                "app.env": "# it\nexport NAME=\"My shop\"\nLEVEL=trace\n",
                "base/base.yml": "services: {worker: {image: worker:1, command: [run, --all], volumes: ['./w:/w']}}",
            ])
        #expect(omissions == [])
        #expect(swift.contains(#"Environment("LEVEL", "debug")"#) && swift.contains(#"Environment("NAME", "My shop")"#))
        #expect(
            swift.contains(
                "    if try host.bool(\"profile-jobs\") == true {\n        Container(\"worker\", image: \"worker:2\") {"
            ))
        #expect(swift.contains(#"Volume("base-w", at: "/w", in: "/opt/shop/base/w")"#))
        #expect(swift.contains(#"Container.Command("run", "--all")"#))
    }

    @Test(arguments: [
        ("services:\n  a: {image: a", "is not YAML"), ("[1]", "is not a compose file"),
        ("services: {}", "has no services"),
        ("services: {a: {extends: a}}", "extends itself"), ("services: {a: {image: a, image: b}}", "is not YAML"),
        ("services: {a: {image: '${'}}", "invalid variable"),
    ])
    func `what compose rejects is refused`(_ yaml: String, _ message: String) {
        let error = #expect(throws: UsageError.self) { try imported(yaml) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `unknown keys are comments`() throws {
        let (swift, omissions) = try imported(
            "services: {app: {image: a, credential_spec: {file: x}, scale: 3, ports: ['80:80']}}")
        #expect(omissions == ["app: credential_spec", "app: scale: \(ComposeImport.adviceForScale)"])
        #expect(swift.contains("        // not taken over: credential_spec\n"))
    }

    @Test func `a number that is too large is left out`() throws {
        #expect(
            try parts("cpus: inf\nstop_grace_period: 99999999999999999999s")
                == ["// not taken over: stop_grace_period", "// not taken over: cpus"])
        #expect(try parts("cpus: 2.0") == ["ResourceLimits(cpus: 2)"])
        #expect(ComposeNotation.milliseconds("99999999999999999999") == nil)
    }

    @Test func `the report tells omissions on standard error`() {
        let report = ComposeImportReport(file: "a.yml", swift: "Stack\n", omissions: ["app: scale"])
        #expect(report.text.verbatim == "Stack\n")
        #expect(report.text.notes == [StyledLine("propel: a.yml: not taken over: app: scale")])
        #expect(report.json.first?["omissions"] == ["app: scale"])
    }

    @Test func `a file cannot put code into the Swift`() throws {
        let (swift, _) = try imported(
            "services: {app: {image: a, environment: {A: 'x\\(fatalError())\"', \"B\\n}\": c}, \"x\\nfatalError()\": 1}}"
        )
        for line in swift.components(separatedBy: "\n") {
            #expect(!line.trimmed.hasPrefix("fatalError"))
        }
        #expect(swift.contains(#"Environment("A", "x\\(fatalError())\"")"#))
        #expect(swift.contains(#"Environment("B\n}", "c")"#))
    }

    @Test func `names cannot end a comment`() throws {
        let (swift, _) = try imported(
            """
            "x\\nfatalError()": 1
            services:
              app: {image: a, secrets: [s]}
              "b\\nfatalError()": 1
            secrets: {s: {file: "f\\nfatalError()"}}
            """)
        #expect(!swift.components(separatedBy: "\n").contains { $0.trimmed.hasPrefix("fatalError") }, "\(swift)")
    }

    @Test func `the home and the directory of the project are those of the machine`() throws {
        let (swift, omissions) = try imported(
            "services: {app: {image: a, volumes: [\"$HOME/x:/x\", \"${PWD}/y:/y\", \"~/z:/z\", \"./w/:/w/\"]}}",
            directory: "/home/anna/shop")
        #expect(omissions == [])
        for line in [
            #"BindMount("/home/anna/x", at: "/x", isReadOnly: false)"#,
            #"BindMount("/home/anna/shop/y", at: "/y", isReadOnly: false)"#,
            #"BindMount("/home/anna/z", at: "/z", isReadOnly: false)"#,
            #"Volume("w", at: "/w", in: "/home/anna/shop/w")"#,
        ] {
            #expect(swift.contains(line), "\(swift)")
        }
    }
}
