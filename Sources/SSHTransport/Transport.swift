import CSSH
import Foundation
import Vocabulary

/// The byte stream under an SSH session: a TCP connection, or a proxy command on a socket pair.
///
/// libssh would try the first address only, not set close-on-exec, and lose the error output of a proxy command.
struct Transport {
    let descriptor: Int32
    let proxy: ProxyProcess?

    static func open(
        _ configuration: ClientConfiguration, configurationFile: String?, resolver: any Resolver,
        until limit: inout TimeLimit, timeout: Duration, cancellation: Cancellation
    ) throws -> Transport {
        if let command = try configuration.proxyCommand(configurationFile: configurationFile) {
            let (proxy, descriptor) = try ProxyProcess.start(command, host: configuration.alias)
            return Transport(descriptor: descriptor, proxy: proxy)
        }
        let family =
            switch configuration["addressfamily"] {
            case "inet": AF_INET
            case "inet6": AF_INET6
            default: AF_UNSPEC
            }
        let found: [SocketAddress]?
        do {
            found = try resolver.addresses(
                of: configuration.hostName, port: configuration.port, family: family, until: &limit,
                cancellation: cancellation)
        } catch TransportError.nameNotFound(_, let reason) {
            throw TransportError.nameNotFound(host: configuration.alias, reason: reason)
        }
        guard let found else {
            throw TransportError.timedOut(host: configuration.alias, during: "looking up its name", after: timeout)
        }
        return Transport(
            descriptor: try connect(
                to: found, host: configuration.alias, until: &limit, timeout: timeout, cancellation: cancellation),
            proxy: nil)
    }

    /// Tries the addresses in order. Each gets an equal share of the remaining time.
    ///
    /// An address is accepted once an SSH server has sent data. The last one is accepted as soon as it is connected,
    /// since there is no other to try.
    private static func connect(
        to addresses: [SocketAddress], host: String, until limit: inout TimeLimit, timeout: Duration,
        cancellation: Cancellation
    ) throws -> Int32 {
        var attempts: [ConnectionAttempt] = []
        var timeouts = 0
        for (index, address) in addresses.enumerated() {
            let remaining = addresses.count - index
            let left = limit.left(), rest = left - left / remaining
            let descriptor = socket(
                address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            guard descriptor >= 0 else {
                attempts.append(ConnectionAttempt(address: address.description, reason: errorText(errno)))
                continue
            }
            cancellation.watch(descriptor)
            do {
                if let failure = try connect(
                    descriptor, to: address, until: &limit, leaving: rest, cancellation: cancellation)
                {
                    attempts.append(ConnectionAttempt(address: address.description, reason: failure))
                    timeouts += failure == noAnswer ? 1 : 0
                } else if remaining == 1 {
                    return descriptor
                } else if try waitForInput(descriptor, until: &limit, leaving: rest, cancellation: cancellation) {
                    return descriptor
                } else {
                    attempts.append(
                        ConnectionAttempt(address: address.description, reason: "connected, but no SSH server answered")
                    )
                }
            } catch {
                cancellation.watch(nil)
                close(descriptor)
                throw error
            }
            cancellation.watch(nil)
            close(descriptor)
        }
        if timeouts == attempts.count, timeouts > 0 {
            let tried = attempts.map(\.address).joined(separator: ", ")
            throw TransportError.timedOut(host: host, during: "connecting to \(tried)", after: timeout)
        }
        throw TransportError.unreachable(host: host, attempts: attempts)
    }

    private static let noAnswer = "no answer"

    /// - Returns: the reason of a failure, or `nil`.
    private static func connect(
        _ descriptor: Int32, to address: SocketAddress, until limit: inout TimeLimit, leaving rest: Duration,
        cancellation: Cancellation
    ) throws -> String? {
        setOptions(descriptor)
        let started = address.storage.withUnsafeBytes { bytes in
            bytes.baseAddress.map {
                Glibc.connect(descriptor, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            } ?? -1
        }
        if started == 0 { return nil }
        guard errno == EINPROGRESS else { return errorText(errno) }
        while true {
            guard try cancellation.wait(for: descriptor, events: POLLOUT, until: &limit, leaving: rest) else {
                return noAnswer
            }
            var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&state, 1, 0) > 0 else { continue }
            var failure: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length)
            if failure == ETIMEDOUT { return noAnswer }
            return failure == 0 ? nil : errorText(failure)
        }
    }

    private static func waitForInput(
        _ descriptor: Int32, until limit: inout TimeLimit, leaving rest: Duration, cancellation: Cancellation
    ) throws -> Bool {
        while try cancellation.wait(for: descriptor, until: &limit, leaving: rest) {
            var byte: UInt8 = 0
            let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
            if count > 0 { return true }
            if count == 0 || errno != EAGAIN { return false }
        }
        return false
    }

    /// An idle dead link is noticed after 15 s: keepalive probes every 3 s (tcp(7)). `Liveness` notices one with
    /// data on its way.
    private static func setOptions(_ descriptor: Int32) {
        set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1)
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 3)
        set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 3)
        set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 4)
    }

    /// Whether two descriptors are of one socket.
    static func isSame(_ one: Int32, _ other: Int32) -> Bool {
        var first = stat(), second = stat()
        return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_dev == second.st_dev
            && first.st_ino == second.st_ino
    }

    /// Turns off delayed acknowledgements, under which sshd's Nagle algorithm waits 40 ms. The kernel resets the
    /// option, so it is set after each receive.
    static func acknowledgeQuickly(_ descriptor: Int32) { set(descriptor, IPPROTO_TCP, TCP_QUICKACK, 1) }

    private static func set(_ descriptor: Int32, _ level: Int, _ option: Int32, _ value: Int32) {
        set(descriptor, Int32(level), option, value)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        // Fails on a proxy's socket pair, where it has no meaning.
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// The words for a number of errno.
func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }

extension String {
    /// The content of a buffer that a function of C has filled.
    init(terminatedByNUL buffer: [CChar]) {
        self.init(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension Duration {
    /// The whole milliseconds, for functions of C.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
