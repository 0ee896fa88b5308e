import Foundation
import Synchronization
import Vocabulary

/// One address of a machine.
public struct SocketAddress: Sendable, CustomStringConvertible {
    let storage: [UInt8]
    let family: Int32
    /// The numeric address and the port.
    public let description: String

    /// Copies a sockaddr(3type).
    init(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        storage = Array(UnsafeRawBufferPointer(start: address, count: Int(length)))
        family = Int32(address.pointee.sa_family)
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        getnameinfo(
            address, length, &host, socklen_t(host.count), &port, socklen_t(port.count), NI_NUMERICHOST | NI_NUMERICSERV
        )
        let name = String(terminatedByNUL: host)
        let number = String(terminatedByNUL: port)
        description = name.contains(":") ? "[\(name)]:\(number)" : "\(name):\(number)"
    }
}

/// Resolves host names.
public protocol Resolver: Sendable {
    /// All addresses, preferred ones first. May block.
    ///
    /// - Parameter family: `AF_UNSPEC`, `AF_INET` or `AF_INET6`.
    func addresses(of host: String, port: Int, family: Int32) throws -> [SocketAddress]
}

/// The resolver of the system, getaddrinfo(3).
public struct SystemResolver: Resolver {
    public init() {}

    public func addresses(of host: String, port: Int, family: Int32) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = family
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        guard result == 0 else {
            throw TransportError.nameNotFound(host: host, reason: String(cString: gai_strerror(result)))
        }
        defer { freeaddrinfo(list) }
        return sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { entry in
            entry?.pointee.ai_addr.map { SocketAddress($0, length: entry?.pointee.ai_addrlen ?? 0) }
        }
    }
}

extension Resolver {
    /// The addresses, resolved on a separate thread since getaddrinfo(3) has no timeout and cannot be cancelled;
    /// `nil` after the limit.
    func addresses(
        of host: String, port: Int, family: Int32, until limit: inout TimeLimit, cancellation: Cancellation
    ) throws -> [SocketAddress]? {
        let answer = Answer()
        let lookup = Thread {
            let result = Result { try self.addresses(of: host, port: port, family: family) }
            answer.result.withLock { $0 = result }
            cancellation.thread.wake()
        }
        lookup.stackSize = 1 << 20
        lookup.start()
        while true {
            if let result = answer.result.withLock({ $0 }) { return try result.get() }
            guard try cancellation.wait(for: nil, until: &limit) else { return nil }
        }
    }
}

private final class Answer: Sendable {
    let result = Mutex<Result<[SocketAddress], any Error>?>(nil)
}
