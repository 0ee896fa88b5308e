import Foundation
import Propel
import Testing

@testable import PropelCLI

/// The same meaning as to compose, in a `Stack` that Propel accepts: cases that real files have.
@Suite struct FaithfulImportTests {
    // MARK: - Text

    @Test func `backslashes and quotes of a file stay what they are`() throws {
        let lines = try Importing.parts(
            "volumes: [\"./app.py:/app.py:ro\"]", ["app.py": "\"\"\"Prints.\"\"\"\nprint(\"a\\nb\")\npath = C:\\\n"])
        #expect(
            lines == [
                "ConfigurationFile(", #""/app.py","#, #"""""#, #"\"\"\"Prints.\"\"\""#, #"print("a\\nb")"#,
                #"path = C:\\"#,
                "", #"""")"#,
            ])
    }

    @Test func `the last value of a variable counts`() throws {
        #expect(
            try Importing.parts("environment: [A=1, B=2, A=3]")
                == [#"Environment("A", "3")"#, #"Environment("B", "2")"#])
    }

    /// As YAML reads it, unless it stands in quotes or in a list.
    @Test(arguments: [
        ("{A: 002}", "2"), ("{A: 0o17}", "15"), ("{A: 0x1F}", "31"), ("{A: -5}", "-5"), ("{A: 1_000}", "1000"),
        ("{A: \"002\"}", "002"),
        ("{A: '${UMASK:-002}'}", "002"), ("[A=002]", "002"), ("{A: 22:22}", "22:22"), ("{A: 0}", "0"),
        ("{A: 08}", "08"),
    ])
    func `a number has the value that compose gives it`(_ environment: String, _ value: String) throws {
        #expect(try Importing.parts("environment: \(environment)") == [#"Environment("A", "\#(value)")"#])
    }

    @Test func `a key without a part, and a directory of a build, may have a variable`() throws {
        let (swift, omissions) = try Importing.project(
            "services: {app: {build: \"${SOURCES}/app\", domainname: \"${DOMAIN}\", cpuset: 0-2}}")
        #expect(omissions == [])
        #expect(swift.contains(#"origin: .directory(FilePath("\(sources)/app"))"#), "\(swift)")
        #expect(swift.contains(#"ComposeKeys(["domainname": .string("\(domain)"), "cpuset": "0-2"])"#), "\(swift)")
    }

    @Test(arguments: [("0440", "0o440"), ("0o400", "0o400"), ("288", "0o440")])
    func `the mode of a secret is octal if it begins with zero`(_ mode: String, _ swift: String) throws {
        let text = try Importing.project(
            """
            services: {app: {image: a, secrets: [{source: key, mode: \(mode)}]}}
            secrets: {key: {file: key.txt}}
            """, ["key.txt": "hunter2"]
        ).swift
        #expect(text.contains("mode: \(swift))"), "\(text)")
    }

    /// A variable without a value is never dropped in silence.
    @Test func `hosts.conf gives names, and decides nothing else`() throws {
        let (swift, omissions) = try Importing.project(
            """
            services:
              app:
                build: {context: app, dockerfile: "${KIND}.Dockerfile", target: "${TARGET}"}
                networks: {proxy: {aliases: ["www.${DOMAIN}"]}}
                volumes: ["data:/data"]
                dns: "${RESOLVER}"
                logging: {driver: "${LOG_DRIVER}"}
                cap_add: [net_admin, CAP_SYS_NICE]
                healthcheck: {test: "true", retries: "${RETRIES}", start_period: "${START}"}
              old: {image: b, network_mode: "${MODE}"}
            networks: {proxy: {name: "${PROXY}", external: true}}
            volumes: {data: {name: "${DATA}"}}
            """)
        for line in [
            #"origin: .directory("/opt/shop/app", dockerfile: "\(kind).Dockerfile", target: "\(target)")"#,
            #"JoinsNetwork("proxy", aliases: ["www.\(domain)"])"#,
            #"Volume(named: "\(data)", as: "data", at: "/data")"#,
            #"DNS("\(resolver)")"#, #"Logging("\(logDriver)")"#, #"Network(named: "\(proxy)", as: "proxy")"#,
            #"Capabilities(add: ["NET_ADMIN", "CAP_SYS_NICE"])"#,
        ] {
            #expect(swift.contains(line), "\(line)\n\(swift)")
        }
        let advice = ComposeImport.adviceForVariables
        #expect(
            omissions == [
                "app: healthcheck: retries: ${RETRIES}: \(advice)",
                "app: healthcheck: start_period: ${START}: \(advice)",
                "old: network_mode: ${MODE}: \(advice)",
            ])
    }

    @Test func `secrets of files in a directory without a name are different ones`() throws {
        let (swift, _) = try Importing.project(
            """
            services: {app: {image: a, secrets: [one, two]}}
            secrets: {one: {file: "${PLACE}/1"}, two: {file: "${PLACE}/2"}}
            """)
        #expect(swift.contains("propel secret set shop-one --file ${PLACE}/1"), "\(swift)")
        #expect(swift.contains(#"ConfigurationFile("/run/secrets/two", "\(Secret("shop-two"))", mode: 0o444)"#))
    }

    // MARK: - Data

    /// The backup of the outer one has it, and its restore would replace it.
    @Test func `a directory within another one is no volume`() throws {
        #expect(
            try Importing.parts("volumes: [\"./web/well-known:/acme\", \"./web:/web\", \"./website:/site\"]") == [
                #"BindMount("/opt/shop/web/well-known", at: "/acme", isReadOnly: false)"#,
                #"Volume("web", at: "/web", in: "/opt/shop/web")"#,
                #"Volume("website", at: "/site", in: "/opt/shop/website")"#,
            ])
    }

    @Test func `a path is written without detours`() throws {
        #expect(
            try Importing.parts("volumes: [\"/mnt//media/../films:/films\", \"../other/data:/data\"]") == [
                #"BindMount("/mnt/films", at: "/films", isReadOnly: false)"#,
                #"Volume("other-data", at: "/data", in: "/opt/other/data")"#,
            ])
    }

    @Test func `hosts.conf says whose home it is where the project does not`() throws {
        let (swift, omissions) = try Importing.project("services: {app: {image: a, volumes: [\"~/media:/media\"]}}")
        #expect(omissions == [])
        #expect(swift.contains(#"let home = try host.string("home") ?? """#))
        #expect(swift.contains(#"BindMount(FilePath("\(home)/media"), at: "/media", isReadOnly: false)"#))
    }

    @Test func `the stack has another directory if its own is mounted`() throws {
        let (swift, _) = try Importing.project("services: {app: {image: a, volumes: [\"/srv/shop/data:/data\"]}}")
        #expect(swift.contains(#"Stack("shop", directory: "/srv/propel/shop") {"#))
    }

    @Test func `the volume of a long path has a name that a stack takes`() throws {
        let path = "/var/lib/" + String(repeating: "deep/", count: 20) + "data"
        let line = try #require(try Importing.parts("volumes: [\(path)]").first)
        let name = try #require(line.split(separator: "\"").dropFirst().first)
        #expect(name.utf8.count == 63 && name.hasPrefix("app-var-lib-deep-"), "\(line)")
        #expect(try Importing.parts("volumes: [\(path)2]").first?.contains("\"\(name)\"") == false)
    }

    // MARK: - Networks and ports

    /// Such as the network of a proxy, which all services have.
    @Test func `a service that joins nothing has the default network that the file describes`() throws {
        let (swift, omissions) = try Importing.project(
            """
            services:
              app: {image: a}
              db: {image: b, networks: [default]}
              vpn: {image: c, network_mode: host}
            networks: {default: {name: proxy, external: true}}
            """)
        #expect(omissions == [])
        #expect(swift.contains(#"Network(named: "proxy", as: "default")"#))
        #expect(swift.components(separatedBy: #"JoinsNetwork("default")"#).count == 3, "\(swift)")
    }

    @Test func `a name in the default network declares it`() throws {
        let (swift, _) = try Importing.project(
            "services: {app: {image: a, networks: {default: {aliases: [www]}}}, db: {image: b}}")
        #expect(swift.contains(#"Network("default")"#))
        #expect(swift.contains(#"JoinsNetwork("default", aliases: ["www"])"#))
    }

    @Test func `a network that the file does not have is left out`() throws {
        let (swift, omissions) = try Importing.project("services: {app: {image: a, networks: [proxy]}}")
        #expect(omissions == ["app: networks: proxy: there is no such network: \(ComposeImport.adviceForSeveralFiles)"])
        #expect(!swift.contains("JoinsNetwork"))
    }

    @Test func `a network as a mode is one to join`() throws {
        let (swift, omissions) = try Importing.project(
            """
            services:
              app: {image: a, network_mode: proxy_net}
              db: {image: b, network_mode: proxy_net}
              web: {image: c, network_mode: shop_front, networks: null}
              old: {image: d, network_mode: bridge}
            networks: {front: {}}
            """)
        #expect(omissions == [] && swift.components(separatedBy: "BridgeNetwork()").count == 2)
        #expect(swift.components(separatedBy: #"Network(named: "proxy_net")"#).count == 2, "\(swift)")
        #expect(swift.components(separatedBy: #"JoinsNetwork("proxy_net")"#).count == 3)
        #expect(swift.contains(#"JoinsNetwork("front")"#))
    }

    @Test func `a program in the network of the machine listens on its port itself`() throws {
        #expect(
            try Importing.parts("network_mode: host\nports: [\"8080:80\", \"127.0.0.1:443:443\", \"53/udp\"]") == [
                "Publish(80)", "Publish(443)", #"Publish(Port(53, transport: "udp"))"#, "HostNetwork()",
            ])
        let (swift, _) = try Importing.project("services: {Vpn: {image: a, network_mode: host}, app: {image: b}}")
        #expect(!swift.contains("Aliases"))
    }

    @Test(arguments: [
        ("${PORT}:80", "Publish(Port(UInt16(port) ?? 0), to: 80)"),
        ("127.0.0.1:${PORT}:${PORT}/udp", #"Publish(Port(UInt16(port) ?? 0, transport: "udp"), on: "127.0.0.1")"#),
        ("${ADDRESS}:${PORT}:80", #"Publish(Port(UInt16(port) ?? 0), to: 80, on: "\(address)")"#),
        ("${ADDRESS}:53:53/udp", #"Publish(Port(53, transport: "udp"), on: "\(address)")"#),
        ("[::1]:${PORT}:80", #"Publish(Port(UInt16(port) ?? 0), to: 80, on: "::1")"#),
        ("80${PORT}:80", "// not taken over: ports: 80${PORT}:80: give the value of its variable in --env"),
    ])
    func `hosts.conf gives a port that has no value`(_ port: String, _ line: String) throws {
        #expect(try Importing.parts("ports: [\"\(port)\"]") == [line])
    }

    @Test func `what is there twice is written once`() throws {
        let (swift, omissions) = try Importing.project(
            """
            services:
              app: {image: a, ports: ["80:80", "80:80/tcp"], links: [db, "db:database", gone]}
              db: {image: b}
            """)
        #expect(swift.components(separatedBy: "Publish(80)").count == 2)
        #expect(swift.components(separatedBy: #"DependsOn("db")"#).count == 2)
        #expect(swift.contains(#"Aliases("database")"#) && !swift.contains(#"DependsOn("gone")"#))
        #expect(omissions.count == 1 && omissions[0].hasPrefix("app: depends_on: gone"))
    }

    // MARK: - Builds

    @Test(arguments: [
        ("https://example.com/app.git#main", "https://example.com/app.git", #".branch("main")"#, "/srv/shop-app"),
        (
            "https://example.com/app.git#v1.2:docker/app", "https://example.com/app.git", #".tag("v1.2")"#,
            "/srv/shop-app/docker/app"
        ),
        (
            "git@example.com:me/app.git#3611214b70cef8ee00a5f7166f4e1d4703a9fb26", "git@example.com:me/app.git",
            #".commit("3611214b70cef8ee00a5f7166f4e1d4703a9fb26")"#, "/srv/shop-app"
        ),
    ])
    func `a repository is checked out before an image is built from it`(
        _ context: String, _ url: String, _ version: String, _ directory: String
    ) throws {
        let (swift, omissions) = try Importing.project("services: {app: {build: {context: \"\(context)\"}}}")
        #expect(omissions == [])
        let lines = swift.components(separatedBy: "\n").filter { !$0.isEmpty && !$0.hasPrefix("//") }
        #expect(lines.first == #"GitCheckout("\#(url)", to: "/srv/shop-app", at: \#(version))"#)
        #expect(swift.contains(#"origin: .directory("\#(directory)")"#), "\(swift)")
    }

    @Test(arguments: [
        "https://example.com/app.git", "https://example.com/app.tar.gz", "https://example.com/app.git#:docker",
    ])
    func `one without a version is left out`(_ context: String) throws {
        let (swift, omissions) = try Importing.project("services: {app: {build: \"\(context)\"}}")
        #expect(omissions == ["app: build: \(context): declare GitCheckout, and build from its directory"])
        #expect(!swift.contains("GitCheckout("))
    }

    // MARK: - Several files

    private static let base =
        "services: {app: {image: \"app:1\", environment: {A: 1, B: 1}, volumes: ['./data:/data']}}"
    private static let over = """
        services:
          app: {environment: [B=2], networks: [proxy], volumes: ['./conf/app.ini:/app.ini:ro']}
          tls: {image: "tls:1", depends_on: [app]}
        networks: {proxy: {external: true}}
        """

    @Test func `each file is put over those before it`() throws {
        let (swift, omissions) = try Importing.project(
            Self.base, ["tls/tls.yaml": Self.over, "conf/app.ini": "a"], over: ["tls/tls.yaml"])
        #expect(omissions == [])
        for line in [
            "// From compose.yaml, tls.yaml, by `propel compose import`.", #"Environment("B", "2")"#,
            #"Volume("data", at: "/data", in: "/opt/shop/data")"#, #"ConfigurationFile("/app.ini", "a")"#,
            #"JoinsNetwork("proxy")"#, #"Container("tls", image: "tls:1") {"#, #"DependsOn("app")"#,
        ] {
            #expect(swift.contains(line), "\(line)\n\(swift)")
        }
    }

    @Test func `the files that the project lists count, and its override only without a list`() throws {
        let files = [
            "tls.yaml": Self.over, "conf/app.ini": "a",
            "compose.override.yaml": "services: {app: {environment: {B: 3}}}",
        ]
        let listed = try Importing.project(
            Self.base, files.merging([".env": "COMPOSE_FILE=compose.yaml:tls.yaml\n"]) { $1 }
        ).swift
        #expect(listed.contains(#"Environment("B", "2")"#) && listed.contains(#"Container("tls""#), "\(listed)")
        let alone = try Importing.project(Self.base, files).swift
        #expect(alone.contains(#"Environment("B", "3")"#) && !alone.contains(#"Container("tls""#), "\(alone)")
        let named = try Importing.project(Self.base, files, over: ["tls.yaml"]).swift
        #expect(named.contains(#"Environment("B", "2")"#) && named.contains(#"Container("tls""#), "\(named)")
    }
}
