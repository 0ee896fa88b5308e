extension NetworkInterface {
    /// - Throws: ``Failure`` if an interface cannot have these addresses.
    func validate() throws {
        try InterfaceName.validate(interface)
        guard !interface.hasPrefix("wl"), interface != "lo" else {
            throw Failure(
                "\(interface) is not an interface with a cable",
                advice: "Declare the file of the program that manages it, with its action.")
        }
        if case .static(let addresses, let gateways) = addresses {
            for address in addresses where !address.contains("/") || IPNetwork(address) == nil {
                throw Failure(
                    "invalid address “\(address.escaped)” of \(interface)",
                    advice: "Write it with the length of its network: 192.0.2.10/24.")
            }
            guard !addresses.isEmpty, Set(addresses).count == addresses.count else {
                throw Failure("\(interface) has no address, or one twice", advice: "Give each once, or .dhcp.")
            }
            try validate(gateways, addresses.compactMap { IPNetwork($0) })
        }
        for server in nameservers where !IPAddress.isValid(server) {
            throw Failure("invalid DNS server “\(server.escaped)” of \(interface)", advice: "Write its address.")
        }
        for domain in domains {
            guard domain.utf8.first?.isASCIILetterOrDigit == true,
                domain.utf8.allSatisfy({ $0.isASCIILetterOrDigit || ".-_".utf8.contains($0) })
            else { throw Failure("invalid domain “\(domain.escaped)” of \(interface)", advice: "Write example.lan.") }
        }
    }

    private func validate(_ gateways: [String], _ networks: [IPNetwork]) throws {
        let found = gateways.compactMap { IPNetwork($0) }
        guard found.count == gateways.count, found.allSatisfy(\.isAddress) else {
            throw Failure(
                "invalid gateway “\(gateways.joined(separator: ", ").escaped)” of \(interface)",
                advice: "Write an address: 192.0.2.1.")
        }
        guard Set(found.map(\.isIPv6)).count == found.count else {
            throw Failure("\(interface) has two gateways of one kind", advice: "Give one for IPv4 and one for IPv6.")
        }
        for gateway in found {
            // A link-local router is on every link with IPv6.
            let isLinkLocal = gateway.isIPv6 && gateway.bytes[0] == 0xFE && gateway.bytes[1] & 0xC0 == 0x80
            guard isLinkLocal || networks.contains(where: { $0.contains(gateway) }) else {
                throw Failure(
                    "the gateway \(gateway) of \(interface) is in none of its networks",
                    advice: "Correct it, or the length of the network.")
            }
        }
    }

    private var directory: FilePath { FilePath("/sys/class/net").appending(interface) }

    /// - Throws: ``Failure`` if the machine has no such interface.
    func requireInterface(on machine: Machine) throws {
        guard try machine.files.status(of: directory) == nil else { return }
        let names = (try? machine.files.list("/sys/class/net"))?.filter { $0 != "lo" } ?? []
        throw Failure(
            "the machine has no network interface \(interface)",
            advice: "It has \(names.isEmpty ? "none" : names.joined(separator: ", ").escaped).")
    }

    /// Whether the interface is down, or is up and has a cable: without one most programs give it no address.
    func hasCable(on machine: Machine) throws -> Bool {
        let flags = (try? machine.files.text(directory.appending("flags")))?.trimmed.dropFirst(2)
        guard let flags, let bits = UInt32(flags, radix: 16), bits & 1 != 0 else { return true }
        return try machine.files.text(directory.appending("carrier")).trimmed != "0"
    }

    /// The static addresses that the kernel does not have.
    func missingAddresses(on machine: Machine) async throws -> [String] {
        // The table of a router is large.
        guard !staticAddresses.isEmpty else { return [] }
        let present = try await machine.fact(KernelAddresses.self)
        return staticAddresses.filter { address in
            let plain = address.split(separator: "/").first.map(String.init) ?? ""
            return !present.contains(plain)
        }
    }

    /// - Throws: ``Failure`` if the deployer has come to an address of this interface that it would lose.
    func refuseLockOut(on machine: Machine) async throws {
        guard case .static(let addresses, _) = addresses, let server = machine.connection?.server,
            let wanted = IPAddress.bytes(server)
        else { return }
        let declared = addresses.compactMap { $0.split(separator: "/").first.flatMap { IPAddress.bytes(String($0)) } }
        guard !declared.contains(wanted) else { return }
        let output = try await machine.succeed(Invocation("ip", ["-json", "addr", "show", "dev", interface])).output
        let present = try JSON(parsing: output).array?.flatMap { $0["addr_info"]?.array ?? [] } ?? []
        guard present.contains(where: { $0["local"]?.string.flatMap { IPAddress.bytes($0) } == wanted }) else { return }
        throw Failure(
            "\(interface) would lose \(server), to which this connection goes",
            advice: "Declare it among the addresses, deploy, change the address in hosts.conf, and then remove it.")
    }
}
