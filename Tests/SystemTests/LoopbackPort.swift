import Foundation

/// A reserved TCP port of 127.0.0.1. Connections are refused until the test listens.
final class LoopbackPort: Sendable {
    let descriptor: Int32
    let number: UInt16

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
            }
        }
        guard result else { throw Unexpected("cannot bind: \(String(cString: strerror(errno)))") }
        self.descriptor = descriptor
        number = UInt16(bigEndian: address.sin_port)
    }

    /// Accepts connections and sends nothing.
    func listen() throws {
        guard Foundation.listen(descriptor, 8) == 0 else {
            throw Unexpected("cannot listen: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }
}
