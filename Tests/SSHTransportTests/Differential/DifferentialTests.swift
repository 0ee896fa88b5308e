import Foundation
import Testing

@testable import SSHTransport

extension WithServer {
    /// The law: where `ssh` connects with somebody's files, Propel connects, or says which feature is missing; where
    /// `ssh` refuses a host key, Propel does.
    ///
    /// `PROPEL_SSH_SEED` begins with another case, and `PROPEL_SSH_CASES` tries more or fewer.
    @Suite struct Differential {
        private enum Answer {
            case connected
            case refused(TransportError)
        }

        private static func number(_ variable: String, default value: UInt64) -> UInt64 {
            ProcessInfo.processInfo.environment[variable].flatMap { UInt64($0) } ?? value
        }

        @Test func `Propel reaches what ssh reaches`() async throws {
            let first = Self.number("PROPEL_SSH_SEED", default: 1), count = Self.number("PROPEL_SSH_CASES", default: 40)
            let landscape = try Landscape()
            var connected = 0
            for seed in first..<(first + count) {
                let item = try CaseGrammar.make(seed: seed, in: landscape)
                try item.write()
                let error = "\(landscape.directory)/stderr"
                let status = try shell(
                    "setsid -w timeout 600 ssh -F \(item.directory)/config -o BatchMode=yes \(item.host) true "
                        + "</dev/null 2>\(error) && echo 0 || echo $?")
                let said = try String(contentsOfFile: error, encoding: .utf8)
                try item.write()
                let answer = try await answer(to: item)
                if case .connected = answer { connected += 1 }
                if let problem = Self.problem(isReachedBySSH: status == "0", said, answer, item) {
                    Issue.record("\(problem)\nssh: \(status) \(said)\nPropel: \(answer)\n\(item)")
                }
            }
            // Otherwise nothing would be compared.
            #expect(connected >= Int(count) / 6)
        }

        private func answer(to item: Case) async throws -> Answer {
            do {
                let connection = try await Connection.connect(
                    to: Destination(host: item.host, configurationFile: "\(item.directory)/config"), prompter: Nobody())
                let result = try await (try await connection.exec("true")).collect()
                #expect(result.status == .exited(0), "\(item)")
                await connection.close()
                return .connected
            } catch let error as TransportError {
                return .refused(error)
            }
        }

        private static func problem(
            isReachedBySSH: Bool, _ said: String, _ answer: Answer, _ item: Case
        ) -> String? {
            switch (isReachedBySSH, answer) {
            case (true, .connected): nil
            // A changed key is refused, whatever StrictHostKeyChecking says.
            case (true, .refused(.hostKeyChanged)) where said.contains("HAS CHANGED"): nil
            case (true, .refused(let error)):
                error.description.contains("not supported") ? nil : "only ssh connects"
            case (false, .connected):
                said.contains("Host key verification failed") || said.contains("REVOKED")
                    || said.contains("HAS CHANGED")
                    ? "Propel accepts a host key that ssh refuses" : nil
            case (false, .refused(let error)):
                // That of a machine on the way is the proxy's.
                if item.configuration.contains("Proxy"), case .proxyFailed = error {
                    nil
                } else if said.contains("HAS CHANGED") {
                    if case .hostKeyChanged = error { nil } else { "a changed key is another error" }
                } else if said.contains("marked as revoked") {
                    if case .hostKeyRevoked = error { nil } else { "a revoked key is another error" }
                } else {
                    error.remedy.isEmpty ? "no advice" : nil
                }
            }
        }
    }
}
