import Foundation
import Propel
import Sandbox
import Testing

/// nginx with TLS in a container, on a real machine.
@Suite(.serialized)
struct StackTLSTests {
    @Test(.machines) func `an nginx container serves a certificate from secrets`() async throws {
        let shop = try await ShopMachine.up(suite: .trixie)
        let machine = shop.machine, configuration = shop.machine.configuration
        func deploy(_ chain: CertificateChain) async throws -> Answer {
            try await configuration.set("web-key", to: Array(chain.key.utf8), by: shop.anna)
            try await configuration.set(
                "web-certificate", to: Array((chain.certificate + chain.intermediate).utf8), by: shop.anna)
            return try await configuration.propel([machine.name, "--json"], environment: shop.anna.environment)
        }
        func ask(_ chain: CertificateChain) async throws -> String {
            let resolved = "shop.example.com:443:\(machine.sandbox.address)"
            let answer = try await Configuration.run(
                "curl",
                [
                    "-sS", "--cacert", chain.root, "--resolve", resolved, "-w", "%{http_version}",
                    "https://shop.example.com/cgi-bin/do?version",
                ])
            return answer.trimmingCharacters(in: .newlines)
        }

        try machine.describe(role: "front", keys: "")
        let first = try await CertificateChain(for: "shop.example.com", in: configuration.folder)
        let run = try await deploy(first)
        #expect(run.status == 0, "\(run)")
        #expect(try await ask(first) == "v1\n2")
        let second = try await configuration.propel([machine.name, "--json"], environment: shop.anna.environment)
        try second.expectNoChange()

        let other = try await CertificateChain(for: "shop.example.com", in: configuration.folder)
        let renewed = try await deploy(other)
        #expect(renewed.status == 0, "\(renewed)")
        #expect(try await ask(other) == "v1\n2")

        // An nginx that refuses its certificate never becomes healthy, and the one before is back.
        let reversed = other.intermediate + other.certificate
        try await configuration.set("web-certificate", to: Array(reversed.utf8), by: shop.anna)
        let refused = try await configuration.propel([machine.name, "--json"], environment: shop.anna.environment)
        #expect(refused.status == 5, "\(refused)")
        #expect(refused.output.contains("key values mismatch"), "\(refused)")
        #expect(try await ask(other) == "v1\n2")
    }
}
