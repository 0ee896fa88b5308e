/// The contents of the files that `propel init` writes. The uppercase words NAME, DEPENDENCY, PACKAGE and HOST are
/// replaced.
enum Templates {
    static let manifest = """
        // swift-tools-version: 6.2
        import PackageDescription

        // To update Propel, change the version in this line.
        let propel: Package.Dependency = DEPENDENCY

        /// propel-enforce is copied to the machines: one static executable that needs nothing there.
        let staticExecutable: [LinkerSetting] = [
            .unsafeFlags([
                "-static-executable", "-use-ld=lld", "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all",
                "-Xlinker", "--no-eh-frame-hdr", "-Xlinker", "-T",
                "-Xlinker", "\\(Context.packageDirectory)/Sources/propel-enforce/sections.ld",
            ]),
            .unsafeFlags(["-Xlinker", "-s"], .when(configuration: .release)),
            .linkedLibrary("swiftSynchronization"),
        ]

        /// The libraries of Swift are part of `propel`: loading them would take a third of the time until it begins.
        let staticLibraries: [LinkerSetting] =
            [.unsafeFlags(["-static-stdlib", "-use-ld=lld"])]
            + [
                "swiftSynchronization", "FoundationInternationalization", "_FoundationICU", "_FoundationCShims",
                "_FoundationCollections", "CoreFoundation", "stdc++",
            ].map { .linkedLibrary($0) }

        let package = Package(
            name: "NAME",
            dependencies: [propel],
            targets: [
                .target(name: "Hosts", dependencies: [.product(name: "Properties", package: "PACKAGE")]),
                .executableTarget(
                    name: "propel", dependencies: ["Hosts", .product(name: "PropelCLI", package: "PACKAGE")],
                    linkerSettings: staticLibraries),
                .executableTarget(
                    name: "propel-enforce", dependencies: ["Hosts", .product(name: "Propel", package: "PACKAGE")],
                    exclude: ["sections.ld"], linkerSettings: staticExecutable),
                .testTarget(
                    name: "HostsTests", dependencies: ["Hosts", .product(name: "PropelTesting", package: "PACKAGE")]),
            ],
            swiftLanguageModes: [.v6]
        )

        """

    static let fleet = """
        import Properties

        /// The roles that an entry of `hosts.conf` may name.
        public let fleet = Fleet(server)

        """

    static let role = #"""
        import Properties

        /// A server to start from.
        ///
        /// Key in hosts.conf: `swap`, the size of the swap file, 512 MiB by default.
        let server = Role("server", runs: Debian.self, keys: ["swap"]) { host in
            Hostname(host.name)
            Locale.Default("en_GB.UTF-8")
            Timezone("Etc/UTC")
            Ntp()
            SwapFile("/swapfile", size: .bytes(try host.size("swap") ?? .mebibytes(512)))
            Apt.Installed("curl", "git", "htop")
            loginMessage(for: host.name)
        }

        /// The message that is shown at login.
        public func loginMessage(for name: String) -> File {
            File("/etc/motd", "This is \(name). Its configuration is managed by Propel.\n")
        }

        """#

    static let program = """
        import Hosts
        import PropelCLI

        // propel, the program for this computer.
        await PropelCLI.main(fleet: fleet)

        """

    static let enforcerProgram = """
        import Hosts
        import Propel

        // propel-enforce, the program for the machines.
        await EnforcerProgram.main(fleet: fleet)

        """

    static let enforcerSections = """
        /* The static program ends at a fatal error and unwinds no stack: it needs no unwind tables, a tenth of it. */
        SECTIONS { /DISCARD/ : { *(.eh_frame) } } INSERT AFTER .text;

        """

    static let test = #"""
        import Hosts
        import Properties
        import PropelTesting
        import Testing

        @Suite struct ServerTests {
            @Test func `the role has no problems and no conflicts`() throws {
                let role = try #require(fleet.role(named: "server"))
                let host = try role.host(for: HostEntry(name: "web1.example.com", role: "server"))
                #expect(host.problems.isEmpty)
                #expect(host.conflicts.isEmpty)
            }

            @Test func `the login message names the host`() async throws {
                // A machine in memory; obeysLaw checks, applies, and checks again.
                let target = FakeMachine()
                try await target.obeysLaw(loginMessage(for: "web1"))
                #expect(target.files.text(at: "/etc/motd")?.hasPrefix("This is web1.") == true)
            }
        }

        """#

    static let hostsConf = """
        # The machines, each with its role. The roles are in Sources/Hosts.

        ["demo.sandbox"]
        role = "server"
        sandbox = true

        """

    static let secrets = """
        The secrets of this configuration, encrypted with GnuPG. `./propel key add` names who can read them, \
        `./propel secret set` adds one.

        """

    static let readme = """
        # Machines

        This repository describes machines with [Swift](https://www.swift.org/install/linux/) and configures them \
        with Propel.

        - `hosts.conf` lists the machines, each with its role and how to reach it.
        - `Sources/Hosts` has the roles, and properties that Propel does not have. A new role is a value, named in \
        `Fleet.swift`.
        - `secrets` has passwords and keys, encrypted to those who may deploy.
        - `Tests/HostsTests` tests them on a machine in memory.

        | command | what it does |
        |---|---|
        | `./propel demo.sandbox` | boots a throwaway Debian on this computer (as root) and configures it |
        | `./propel plan HOST` | shows what would change, and changes nothing |
        | `./propel HOST` | commits the configuration and configures the machine |
        | `./propel --help` | lists the other commands |
        | `swift test --configuration release -Xswiftc -Osize -Xswiftc -gnone -Xswiftc -Xfrontend -Xswiftc \
        -function-sections --disable-testable-imports --no-color-diagnostics` \
        | runs the tests, with the build of `./propel` |

        The first command builds Propel, which takes several minutes.

        To update Propel, change its version in the line `let propel` of `Package.swift`; the next command builds it.

        """
}
