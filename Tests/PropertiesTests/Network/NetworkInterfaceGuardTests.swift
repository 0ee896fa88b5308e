import Foundation
import PropelTesting
import Testing

@testable import Properties

@Suite struct NetworkInterfaceGuardTests {
    @Test(arguments: [
        (NetworkInterface.Manager.netplan, ["netplan apply"]),
        (.networkManager, ["nmcli connection reload", "nmcli device connect eth0"]),
        (.networkd, ["networkctl reload", "networkctl reconfigure eth0"]),
    ]) func `the program of the machine takes the former addresses again`(
        _ manager: NetworkInterface.Manager, _ commands: [String]
    ) async throws {
        let fake = FakeNetwork(manager).fake, interface = NetworkInterfaceTests.fixed
        #expect(try await interface.isGuarded(on: fake.machine))
        let restoration = try await interface.restoration(on: fake.machine)
        #expect(restoration.reloads.map(\.description) == commands)
        #expect(restoration.paths == ["/run/propel-interface-eth0"] && restoration.commands.isEmpty)
    }

    @Test func `ifupdown takes the interface down as it is declared, and up as it was`() async throws {
        let fake = FakeNetwork(.ifupdown).fake
        let reload = try #require(
            try await NetworkInterface("eth0", .dhcp).restoration(on: fake.machine).reloads.first)
        #expect(reload.program == "sh" && reload.arguments.suffix(3).first == "/run/propel-interface-eth0")
        #expect(
            reload.arguments.suffix(2) == [
                "eth0", "# Kept by Propel: changes are overwritten.\nauto eth0\niface eth0 inet dhcp\n",
            ])
    }

    /// The script itself, with programs that print how they were called.
    @Test(arguments: [true, false]) func `the script takes down what was, and brings up what is`(
        _ isGiven: Bool
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "propel-ifupdown-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let log = folder.path + "/log", former = folder.path + "/former"
        for program in ["ifdown", "ifup", "ip", "ifquery"] {
            let text = program == "ifdown" ? "cat -- \"${2#--interfaces=}\" >> '\(log)'\n" : ""
            try writeProgram(
                "#!/bin/sh\necho \(program) \"$@\" >> '\(log)'\n" + text, to: "\(folder.path)/\(program)")
        }
        try Data("was\n".utf8).write(to: URL(filePath: former))
        let script = InterfaceConfiguration.ifupdown(
            "eth0", replacing: FilePath(former), text: isGiven ? "given\n" : nil)
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = script.arguments
        shell.environment = ["PATH": folder.path + ":/usr/bin:/bin"]
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        let file = isGiven ? former + ".new" : former
        #expect(
            try String(contentsOfFile: log, encoding: .utf8) == """
                ifdown --force --interfaces=\(file) eth0
                \(isGiven ? "given" : "was")
                ip addr flush dev eth0 scope global
                ifquery eth0
                ifup --force eth0

                """)
        #expect(!FileManager.default.fileExists(atPath: former + ".new"))
    }
}
