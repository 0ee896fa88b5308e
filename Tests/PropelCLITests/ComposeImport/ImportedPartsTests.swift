import Foundation
import Propel
import Testing

@testable import PropelCLI

/// Keys that only some files have, each as a part of the stack.
@Suite struct ImportedPartsTests {
    @Test func `a label with a secret is one`() throws {
        let (swift, omissions) = try Importing.project(
            "services: {app: {image: a, labels: [\"a=1\", \"key=${API_KEY}\"]}}", [".env": "API_KEY=hunter2\n"])
        #expect(omissions == [] && !swift.contains("hunter2"))
        #expect(swift.contains(#"Labels(["a": "1"])"#))
        #expect(swift.contains(#"Label("key", "\(Secret("shop-api-key"))")"#), "\(swift)")
    }

    /// The variable of the container, as the shell reads it.
    @Test(arguments: [
        ("probe -p${PASS}", "probe -p$PASS"), ("probe ${PASS}_x", "probe ${PASS}_x"),
        ("A='${PASS}' probe \\\"it's ${PASS}\\\"", #"A=''\"$PASS\"'' probe \"it's $PASS\""#),
    ])
    func `a line for a shell names a variable of the container`(_ line: String, _ swift: String) throws {
        let lines = try Importing.parts(
            "environment: [\"PASS=${PASS}\"]\nhealthcheck: {test: \"\(line)\", retries: 5, timeout: 1s}")
        #expect(lines.joined(separator: " ").contains("\"\(swift)\","), "\(lines)")
    }

    @Test func `a health check without a shell keeps its words`() throws {
        #expect(
            try Importing.parts("healthcheck: {test: [CMD, mysqladmin, ping, \"-p${ROOT_PASSWORD}\"], retries: 5}") == [
                "// Everybody on the machine can read the secret in it.", "HealthCheck(",
                #"revealing: "mysqladmin","#, #"["ping", "-p\(Secret("shop-root-password"))"],"#,
                "every: .seconds(30),", "timeout: .seconds(30),", "retries: 5)",
            ])
    }

    /// Docker passes the further words on to the shell as they are.
    @Test func `a line for the shell with further words is a program`() throws {
        let lines = try Importing.parts("healthcheck: {test: [CMD-SHELL, bash, -c, \"exit 0\"], retries: 5}")
        #expect(lines.prefix(3) == ["HealthCheck(", #"program: "/bin/sh","#, #"["-c", "bash", "-c", "exit 0"],"#])
    }

    @Test(
        arguments: [
            ("restart: on-failure:5", ["RestartPolicy(.onFailure, attempts: 5)"]),
            ("restart: on-failure", ["RestartPolicy(.onFailure)"]),
            (
                "deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}",
                ["RestartPolicy(.onFailure, attempts: 3)"]
            ),
            ("logging: {options: {max-size: 10m}}", [#"Logging(["max-size": "10m"])"#]),
            ("restart: \"no\"", ["RestartPolicy(.never)"]),
            (
                "restart: \"no\"\nports: [\"80:80\"]",
                ["Publish(80)", "// It has a port, so it is no job: docker restarts it."]
            ),
            ("pull_policy: always", ["PullPolicy(.always)"]), ("pull_policy: missing", []),
            ("pull_policy: daily", ["// Each run asks the registry, not only “daily”.", "PullPolicy(.always)"]),
            ("network_mode: bridge", ["BridgeNetwork()"]), ("net: host", ["HostNetwork()"]),
            ("command: []", []), ("entrypoint: []", ["Entrypoint.none"]), ("entrypoint: ''", ["Entrypoint.none"]),
            (
                "volumes: [{type: tmpfs, target: /t, tmpfs: {size: 64m, mode: 01777}}]",
                [#"Tmpfs("/t", size: "64 MiB", mode: 0o1777)"#]
            ),
            (
                "volumes: [{type: volume, source: d, target: /d, volume: {subpath: x}}]",
                ["// not taken over: volumes: d:/d: subpath", #"Volume("d", at: "/d")"#]
            ),
        ] as [(String, [String])])
    func `a key is a part`(_ key: String, _ lines: [String]) throws {
        #expect(try Importing.parts(key) == lines)
    }

    /// Such as with a variable that is empty where nothing special is wanted.
    @Test func `an empty value is left out`() throws {
        #expect(try Importing.parts("platform: \"\"\nuser: \"\"\nhostname: \"\"") == [])
    }

    @Test func `what one service builds another one may have too`() throws {
        let (swift, omissions) = try Importing.project(
            "services: {app: {image: \"shop:1\", build: .}, jobs: {image: \"shop:1\"}, db: {image: \"db:1\"}}")
        #expect(omissions == [] && swift.components(separatedBy: #"origin: .directory("/opt/shop")"#).count == 3)
        #expect(swift.contains(#"Container("jobs", image: "shop:1", origin: .directory("/opt/shop"))"#), "\(swift)")
    }

    /// The container would have a network of that name already.
    @Test func `a network may have the name of the only container`() throws {
        let (swift, _) = try Importing.project(
            "services: {caddy: {image: a, networks: [caddy]}}\nnetworks: {caddy: {external: true}}")
        #expect(swift.contains(#"Stack("shop", networks: .shared) {"#), "\(swift)")
    }

    /// Others wait until it has exited with 0.
    @Test func `a job may be tried again`() throws {
        let (swift, omissions) = try Importing.project(
            """
            services:
              app: {image: a, depends_on: {init: {condition: service_completed_successfully}}}
              init: {image: b, restart: "on-failure:3"}
            """)
        #expect(omissions == [] && swift.contains("RestartPolicy(.untilSuccess, attempts: 3)"), "\(swift)")
    }

    @Test func `a service is restarted with one that it depends on`() throws {
        let (swift, omissions) = try Importing.project(
            "services: {db: {image: b}, app: {image: a, depends_on: {db: {restart: true}}}}")
        #expect(omissions == [] && swift.contains(#"DependsOn("db", restarts: true)"#), "\(swift)")
    }

    /// Docker gives no names there.
    @Test func `links in the bridge of docker are told`() throws {
        let (_, omissions) = try Importing.project(
            "services: {app: {image: a, network_mode: bridge, links: [db]}, db: {image: b, network_mode: bridge}}")
        let advice = "the bridge of docker has no names: leave network_mode out, or use the address"
        #expect(omissions == ["app: links: \(advice)"])
    }

    @Test func `of a service whose ports docker chooses there are several`() throws {
        let (swift, omissions) = try Importing.project(
            "services: {app: {image: a, ports: [\"80\", \"8000-8009:81\"], deploy: {replicas: 2}}}")
        #expect(omissions == [] && swift.contains(#"Container("app-2""#), "\(swift)")
        let fixed = try Importing.project("services: {app: {image: a, ports: [\"80:80\"], scale: 2}}").omissions
        #expect(fixed == ["app: scale: \(ComposeImport.adviceForScale)"])
    }

    // MARK: - Networks

    @Test func `a network with a name in docker keeps its settings`() throws {
        let (swift, omissions) = try Importing.project(
            """
            services:
              app:
                image: a
                networks:
                  lan: {interface_name: eth7, gw_priority: 1, priority: 0, mac_address: "02:42:ac:11:65:43"}
            networks:
              lan:
                name: lan_net
                internal: true
                enable_ipv6: true
                driver_opts: {com.docker.network.bridge.name: lan0}
                ipam: {config: [{subnet: "${SUBNET}", aux_addresses: {tv: 192.0.2.9}}]}
                labels: [zone=inner]
              out: {external: true, name: proxy, labels: [a=b]}
            """)
        #expect(omissions == [])
        let lines = swift.components(separatedBy: "\n")
        let network = try #require(lines.first { $0.contains("Network(named: \"lan_net\"") })
        for words in [
            #"Network(named: "lan_net", as: "lan", isInternal: true, subnets: "#,
            #"[Subnet("\(subnet)", reserved: ["tv": "192.0.2.9"]), "fd"#, "::/64\"], ipv6: true, ",
            #"options: ["com.docker.network.bridge.name": "lan0"], labels: ["zone": "inner"])"#,
        ] { #expect(network.contains(words), "\(words)\n\(network)") }
        #expect(
            swift.contains(
                #"JoinsNetwork("lan", interface: "eth7", gatewayPriority: 1, macAddress: "02:42:ac:11:65:43")"#))
        #expect(swift.contains(#"Network(named: "proxy", as: "out")"#))
    }

    // MARK: - Files of sections

    @Test func `a secret of a store is one of Propel's, and a config may be a variable`() throws {
        let (swift, omissions) = try Importing.project(
            """
            services: {app: {image: a, secrets: [key], configs: [mode], user: "1000"}}
            secrets: {key: {external: true, name: app_key}}
            configs: {mode: {environment: MODE}}
            """, [".env": "MODE=fast\n"])
        #expect(omissions == [])
        for line in [
            #"ConfigurationFile("/run/secrets/key", "\(Secret("shop-app-key"))", mode: 0o444)"#,
            #"ConfigurationFile("/mode", "fast", mode: 0o444)"#, "//     propel secret set shop-app-key\n",
        ] { #expect(swift.contains(line), "\(line)\n\(swift)") }
        let group = try Importing.project(
            """
            services: {app: {image: a, configs: [{source: c, uid: "1000", gid: "50"}]}}
            configs: {c: {content: x}}
            """
        ).omissions
        #expect(group == ["app: configs: c: gid: 50: the group is that of the owner"])
    }

    @Test func `a Dockerfile within the file is one beside the stack`() throws {
        let (swift, omissions) = try Importing.project(
            """
            services:
              app:
                build:
                  context: .
                  dockerfile_inline: |
                    FROM debian:12
                    RUN echo "$$HOME"

            """)
        #expect(omissions == [])
        let lines = swift.components(separatedBy: "\n"), start = try #require(lines.firstIndex(of: "File("))
        #expect(
            lines[start...].prefix(7) == [
                "File(", #"    "/opt/shop/Dockerfile.app","#, #"    """"#, "    FROM debian:12",
                #"    RUN echo "$HOME""#, "", #"    """)"#,
            ])
        #expect(swift.contains(#"origin: .directory("/opt/shop", dockerfile: "Dockerfile.app")"#))
    }
}
