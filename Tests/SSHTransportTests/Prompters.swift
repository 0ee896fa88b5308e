import Foundation
import Synchronization

@testable import SSHTransport

struct NobodyThere: Error {}

/// A prompter without a terminal.
struct Nobody: Prompter {
    var isInteractive: Bool { false }
    func password(_ prompt: String) async throws -> String { throw NobodyThere() }
    func confirm(_ question: String) async throws -> Bool { throw NobodyThere() }
}

/// A user who gives the answers in order, and records the questions.
final class Person: Prompter {
    private let passwords: Mutex<[String]>
    private let questions = Mutex<[String]>([])
    private let says: Bool

    init(passwords: [String] = [], says: Bool = false) {
        self.passwords = Mutex(passwords)
        self.says = says
    }

    var asked: [String] { questions.withLock { $0 } }

    func password(_ prompt: String) async throws -> String {
        questions.withLock { $0.append(prompt) }
        guard let answer = passwords.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { throw NobodyThere() }
        return answer
    }

    func confirm(_ question: String) async throws -> Bool {
        questions.withLock { $0.append(question) }
        return says
    }
}

/// A resolver that knows a fixed list of addresses of IPv4.
struct FixedResolver: Resolver {
    let list: [(String, Int)]

    func addresses(of host: String, port: Int, family: Int32) throws -> [SocketAddress] {
        list.map { address, port in
            var name = ipv4(address, port: port)
            return withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    SocketAddress($0, length: socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }
}
