/// The addresses of the machine, as the kernel lists them (proc(5)). No program is started for it.
struct KernelAddresses: MachineFact, Equatable {
    /// 4 or 16 bytes each.
    private let addresses: Set<[UInt8]>

    static func read(from machine: Machine) async throws -> KernelAddresses {
        func text(_ path: FilePath) throws -> String {
            String(decoding: try machine.files.readIfPresent(path) ?? [], as: UTF8.self)
        }
        return KernelAddresses(trie: try text("/proc/net/fib_trie"), ipv6: try text("/proc/net/if_inet6"))
    }

    /// - Parameters:
    ///   - trie: `/proc/net/fib_trie`: a line with an address, and behind it those with what it is.
    ///   - ipv6: `/proc/net/if_inet6`: a line for each address, which begins with its 32 digits.
    init(trie: String, ipv6: String) {
        var found: Set<[UInt8]> = [], last: [UInt8]?
        for line in trie.lines {
            let words = line.split(separator: " ")
            if words.first == "|--", words.count > 1 {
                last = IPAddress.bytes(String(words[1]))
            } else if words.prefix(3) == ["/32", "host", "LOCAL"], let last {
                found.insert(last)
            }
        }
        for line in ipv6.lines {
            let digits = Array(line.utf8.prefix(32))
            let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
            }
            if bytes.count == 16 { found.insert(bytes) }
        }
        addresses = found
    }

    /// Whether the machine has an address.
    func contains(_ address: String) -> Bool { IPAddress.bytes(address).map(addresses.contains) ?? false }
}
