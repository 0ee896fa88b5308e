import Vocabulary
import Foundation
import Propel
import Sandbox
import Testing

/// A site whose certificate comes from secrets, on real machines.
@Suite(.serialized)
struct NginxSecretTests {
    private let address = "https://hello.example.com/"

    @Test(.machines, arguments: DebianRelease.allCases)
    func `a certificate from secrets is validated, served and removed`(_ suite: DebianRelease) async throws {
        let anna = try await DeployerKey("Anna Berg <anna@example.com>")
        let machine = try await TestMachine.up(role: "web", keys: keys("none"), suite: suite)
        let configuration = machine.configuration
        try await configuration.accredit(anna)
        let chain = try await CertificateChain(for: "hello.example.com", in: configuration.folder)
        try await configuration.set("web-key", to: Array(chain.key.utf8), by: anna)
        try await configuration.set(
            "web-certificate", to: Array((chain.certificate + chain.intermediate).utf8), by: anna)
        func deploy(_ certificate: String) async throws -> Answer {
            try machine.describe(role: "web", keys: keys(certificate))
            return try await configuration.propel([machine.name, "--json"], environment: anna.environment)
        }

        #expect(try await deploy("none").status == 0)
        let first = try await deploy("secrets")
        #expect(first.status == 0, "\(first)")
        #expect(try await fetch(machine, chain) == "Hello from \(machine.name).")
        #expect(try await machine.ssh("stat -c '%a %U %G' /etc/ssl/private/nginx-hello.pem") == "600 root root")
        let second = try await deploy("secrets")
        #expect(try second.paths(.ok).count == second.properties.count, "\(second)")

        try await expectARejectedConfigurationReplacesNothing(machine, chain, anna, deploy)
        let other = try await CertificateChain(for: "hello.example.com", in: configuration.folder)
        try await configuration.set("web-key", to: Array(other.key.utf8), by: anna)
        try await configuration.set(
            "web-certificate", to: Array((other.certificate + other.intermediate).utf8), by: anna)
        try await expectAPortInUseIsReported(machine, deploy)
        let renewed = try await deploy("secrets")
        #expect(renewed.status == 0, "\(renewed)")
        #expect(try await fetch(machine, other) == "Hello from \(machine.name).")
        #expect(try await holders(of: chain, on: machine) == "")

        let without = try await deploy("none")
        #expect(without.status == 0, "\(without)")
        #expect(try await holders(of: other, on: machine) == "")
        #expect(
            try await machine.ssh("ls /etc/ssl/private | grep --count nginx; ss -ltn | grep --count ':443 '; true")
                == "0\n0")
    }

    private func keys(_ certificate: String) -> String {
        "names = [\"hello.example.com\"]\ncertificate = \"\(certificate)\""
    }

    /// Verifies the certificate against the authority.
    private func fetch(_ machine: TestMachine, _ chain: CertificateChain) async throws -> String {
        try await Configuration.run(
            "curl",
            ["-sS", "--cacert", chain.root, "--resolve", "hello.example.com:443:\(machine.sandbox.address)", address]
        ).trimmingCharacters(in: .newlines)
    }

    /// The files that contain its key, without those in memory during a run.
    private func holders(of chain: CertificateChain, on machine: TestMachine) async throws -> String {
        let line = chain.key.split(separator: "\n")[1]
        return try await machine.ssh(
            "grep --recursive --files-with-matches --fixed-strings '\(line)' /etc /var/lib/propel "
                + "/run/propel-scratch /root /tmp /var/tmp 2> /dev/null; true"
        )
    }

    private func expectARejectedConfigurationReplacesNothing(
        _ machine: TestMachine, _ chain: CertificateChain, _ anna: DeployerKey,
        _ deploy: (String) async throws -> Answer
    ) async throws {
        let state = "sha256sum /etc/nginx/sites-available/hello /etc/ssl/private/nginx-hello.pem"
        let before = try await machine.ssh(state)
        // openssl finds the one that belongs to the key wherever it stands, and nginx takes the first.
        try await machine.configuration.set(
            "web-certificate", to: Array((chain.intermediate + chain.certificate).utf8), by: anna)
        let run = try await deploy("secrets")
        #expect(run.status == 1, "\(run)")
        #expect(
            run.output.contains("key values mismatch") && run.output.contains("/etc/ssl/private/nginx-hello.pem"),
            "\(run)")
        #expect(!run.output.contains("PRIVATE KEY"), "\(run)")
        #expect(try await machine.ssh(state) == before)
        #expect(
            try await machine.ssh(
                "ls -A /etc/nginx /etc/ssl/private | grep --count propel; ls -d /run/propel-scratch 2> /dev/null; true")
                == "0")
        #expect(try await fetch(machine, chain) == "Hello from \(machine.name).")
    }

    /// The running nginx accepts a configuration that it then cannot use. `nginx -t` says nothing of that.
    private func expectAPortInUseIsReported(
        _ machine: TestMachine, _ deploy: (String) async throws -> Answer
    ) async throws {
        #expect(try await deploy("none").status == 0)
        let state =
            "sha256sum /etc/nginx/sites-available/hello; ls /etc/nginx/sites-enabled /etc/ssl/private; systemctl "
            + "show --property=MainPID nginx"
        let before = try await machine.ssh(state)
        try await machine.ssh("systemd-run --quiet --unit=taker busybox httpd -f -p 443 -h /srv/hello")
        try await eventually("the port is taken") {
            try await machine.ssh("ss -ltn | grep --count ':443 '; true") != "0"
        }
        let run = try await deploy("secrets")
        #expect(run.status == 5, "\(run)")
        #expect(run.output.contains("443 failed (98: Address already in use)"), "\(run)")
        #expect(try await machine.ssh(state) == before)
        let plain = [
            "-sS", "--resolve", "hello.example.com:80:\(machine.sandbox.address)", "http://hello.example.com/",
        ]
        #expect(try await Configuration.run("curl", plain) == "Hello from \(machine.name).\n")
        try await machine.ssh("systemctl stop taker")
    }
}
