import Testing

@testable import Properties

/// Problems that are reported before anything runs.
@Suite struct StackProblemsTests {
    private func expect(_ problems: String..., in stack: Stack, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(stack.problems == problems.map { "the stack \(stack.name): \($0)" }, sourceLocation: sourceLocation)
    }

    @Test func `references to missing containers and networks are rejected`() {
        expect(
            "the container app joins the network back, which the stack does not have",
            "the container app depends on databse, which the stack does not have",
            in: Stack("shop") {
                Container("app", image: "a") {
                    DependsOn("databse")
                    JoinsNetwork("back")
                }
                Container("database", image: "d")
            })
    }

    @Test func `a port that two containers publish is rejected`() {
        expect(
            "port 80/tcp is published by both a and b",
            in: Stack("shop") {
                Container("a", image: "i") { Publish(80) }
                Container("b", image: "i") { Publish(80, to: 8080, on: "127.0.0.1") }
                Container("c", image: "i") { Publish(Port(80, transport: "udp")) }
            })
        expect(
            in: Stack("shop") {
                Container("a", image: "i") { Publish(80, on: "127.0.0.1") }
                Container("b", image: "i") { Publish(80, on: "192.0.2.1") }
            })
    }

    @Test func `a port that another property uses is a conflict`() {
        let host = Host("x", runs: Debian.self) {
            Service("nginx", ports: [80])
            Stack("shop") { Container("a", image: "i") { Publish(80) } }
        }
        #expect(host.conflicts.map(\.subject) == ["the port 80/tcp"])
    }

    @Test func `a dependency cycle is rejected`() {
        expect(
            "dependency cycle: b → c → d → b",
            in: Stack("shop") {
                Container("a", image: "i") { DependsOn("b") }
                Container("b", image: "i") { DependsOn("c") }
                Container("c", image: "i") { DependsOn("d") }
                Container("d", image: "i") { DependsOn("b") }
            })
        expect(
            "dependency cycle: a → a",
            in: Stack("shop") { Container("a", image: "i") { DependsOn("a") } })
        expect(
            in: Stack("shop") {
                Container("a", image: "i") {
                    DependsOn("b")
                    DependsOn("c")
                }
                Container("b", image: "i") { DependsOn("c") }
                Container("c", image: "i")
            })
    }

    @Test func `a decimal mode of a mounted file is a problem`() {
        expect(
            "the container a mounts /etc/a.conf with an invalid mode: the mode 644 is a decimal number: write 0o644, "
                + "or “1204” in quotes if you mean 1204",
            in: Stack("shop") { Container("a", image: "i") { ConfigurationFile("/etc/a.conf", "", mode: 644) } })
    }

    /// The logs of a proxy, which belong to its stack.
    @Test func `a stack may read a volume of another one`() {
        let host = Host("x", runs: Debian.self) {
            Stack("proxy") { Container("proxy", image: "i") { Volume("logs", at: "/logs") } }
            Stack("watch") {
                Container("watch", image: "i") {
                    Volume(named: "proxy_logs", at: "/logs", isReadOnly: true, backup: .none)
                }
            }
        }
        #expect(host.problems.isEmpty && host.conflicts.isEmpty, "\(host.problems) \(host.conflicts)")
        let writer = Host("x", runs: Debian.self) {
            Stack("proxy") { Container("proxy", image: "i") { Volume("logs", at: "/logs") } }
            Stack("watch") { Container("watch", image: "i") { Volume(named: "proxy_logs", at: "/logs") } }
        }
        #expect(writer.conflicts.map(\.subject) == ["the docker volume proxy_logs"])
    }

    @Test func `read-only volumes and conflicting backups are rejected`() {
        expect(
            "the volume data has two backup methods: keep one", "the volume logs is read-only for all its containers",
            in: Stack("shop") {
                Container("a", image: "i") {
                    Volume("data", at: "/data", backup: .archive(while: .paused))
                    Volume("logs", at: "/logs", isReadOnly: true)
                }
                Container("b", image: "i") { Volume("data", at: "/data", backup: .none) }
            })
        expect(
            "the container a mounts two things at /data",
            in: Stack("shop") {
                Container("a", image: "i") {
                    Volume("data", at: "/data")
                    ConfigurationFile("/data", "")
                }
            })
    }

    @Test func `the directory of the stack cannot be mounted or built from`() {
        expect(
            "the container a is built from /srv/shop/src, but the files of the stack are in /srv/shop: use another "
                + "directory",
            "the container b is built from /srv, but the files of the stack are in /srv/shop: use another directory",
            "the container c mounts /srv/shop/files, but /srv/shop belongs to the stack: use a ConfigurationFile or "
                + "a Volume",
            in: Stack("shop") {
                Container("a", image: "a", origin: .directory("/srv/shop/src"))
                Container("b", image: "b", origin: .directory("/srv"))
                Container("c", image: "c", origin: .directory("/srv/shop-source")) {
                    BindMount("/srv/shop/files")
                    BindMount("/srv/shop-uploads")
                    BindMount("/srv", at: "/host")
                }
            })
    }

    @Test func `one name for two images is rejected`() {
        expect(
            "the image app:1 is pulled for a, and built from /srv/src for c: rename one of them",
            in: Stack("shop") {
                Container("a", image: "app", tag: "1")
                Container("b", image: "app", tag: "1")
                Container("c", image: "app:1", origin: .directory("/srv/src"))
                Container("d", image: "app", tag: "2", origin: .archive("/srv/app.tar"))
                Container("e", image: "app", tag: "2", origin: .archive("/srv/app.tar"))
            })
    }

    @Test func `one image of two builds is rejected`() {
        expect(
            "the image app:1 is built from /srv/src (Dockerfile.slim, stage run, V=1) for a, and built from /srv/src "
                + "for b: rename one of them",
            in: Stack("shop") {
                Container(
                    "a", image: "app:1",
                    origin: .directory("/srv/src", dockerfile: "Dockerfile.slim", target: "run", arguments: ["V": "1"]))
                Container("b", image: "app:1", origin: .directory("/srv/src"))
            })
    }

    @Test func `the root of the machine can be mounted`() {
        expect(
            "the container b mounts “/”: use an absolute path",
            in: Stack("shop") {
                Container("a", image: "a") { BindMount("/", at: "/rootfs") }
                Container("b", image: "b") { BindMount("/srv/x", at: "/") }
            })
    }

    @Test func `duplicate parts are rejected`() {
        expect(
            "the container a joins the network n twice", "the container a depends on b twice",
            in: Stack("shop") {
                Container("a", image: "i") {
                    DependsOn("b")
                    DependsOn("b")
                    JoinsNetwork("n")
                    JoinsNetwork("n")
                }
                Container("b", image: "i")
                Network("n")
            })
    }

    @Test(arguments: ["localhost", "127.0.0.1:80", "[::1]", "127.0.0", "300.0.0.1", "", "fe80::1%eth0", "*"])
    func `an invalid address is rejected`(_ address: String) {
        expect(
            "the container a publishes on the invalid address “\(address)”: use an IPv4 or IPv6 address such as "
                + "127.0.0.1 or ::1",
            in: Stack("shop") { Container("a", image: "i") { Publish(80, on: address) } })
    }

    @Test(arguments: ["127.0.0.1", "0.0.0.0", "::1", "2001:db8::2", "::ffff:192.0.2.1"])
    func `an IPv4 or IPv6 address is accepted`(_ address: String) {
        expect(in: Stack("shop") { Container("a", image: "i") { Publish(80, on: address) } })
    }

    @Test func `two stacks with the same names in docker are a conflict`() {
        func host(_ first: Stack, _ second: Stack) -> [String] {
            Host("x", runs: Debian.self) {
                first
                second
            }.conflicts.map(\.subject)
        }
        func stack(
            _ name: String, _ container: String, volume: String? = nil, network: String? = nil,
            directory: FilePath? = nil
        ) -> Stack {
            Stack(name, directory: directory) {
                Container(container, image: "i") { if let volume { Volume(volume, at: "/data") } }
                if let network { Network(network) }
            }
        }
        #expect(host(stack("a_b", "x", volume: "c"), stack("a", "y", volume: "b_c")) == ["the docker volume a_b_c"])
        #expect(host(stack("a_b", "x", network: "c"), stack("a", "y", network: "b_c")) == ["the docker network a_b_c"])
        #expect(host(stack("a_b", "c"), stack("a", "b_c")) == ["the docker container a_b_c"])
        #expect(host(stack("a-b", "c"), stack("a", "b-c")) == ["the docker container a-b-c"])
        #expect(
            host(stack("a", "x", directory: "/srv/one"), stack("b", "x", directory: "/srv/one")) == [
                "the path /srv/one"
            ])
        #expect(host(stack("a", "x", volume: "c", network: "n"), stack("b", "x", volume: "c", network: "n")).isEmpty)
    }

    @Test func `invalid names, paths, images and limits are rejected`() {
        expect("no container", in: Stack("shop") { Network("n") })
        expect(
            "invalid stack name “Shop”: use lowercase letters, digits, “-” and “_”, and begin with a letter or a digit",
            "invalid container name “-a”: use lowercase letters, digits, “-” and “_”, and begin with a letter or a "
                + "digit",
            "the container -a has a variable “A B”: use letters, digits, “_”, “.” and “-”, and begin with a letter or "
                + "“_”",
            "the container -a mounts “etc/a”: use an absolute path",
            "the container -a has the invalid image “a b:latest”",
            "the container -a has resource limits that are too low: the least are 6 MiB of memory, more than 0 "
                + "CPUs, and 1 process",
            in: Stack("Shop", directory: "/srv/shop") {
                Container("-a", image: "a b") {
                    Environment("A B", "")
                    ConfigurationFile("etc/a", "")
                    ResourceLimits(memory: .mebibytes(1))
                }
            })
        expect(
            "two containers have the name a",
            in: Stack("shop") {
                Container("a", image: "i")
                Container("a", image: "i")
            })
        expect(
            "invalid directory “/”: use one such as /srv/shop",
            in: Stack("shop", directory: "/") { Container("a", image: "i") })
    }

    @Test func `a problem of a stack is a problem of the host`() {
        let host = Host("x", runs: Debian.self) { Stack("shop") { Network("n") } }
        #expect(host.problems.count == 1)
        #expect(host.problems.first?.hasSuffix(": the stack shop: no container") == true)
    }
}
