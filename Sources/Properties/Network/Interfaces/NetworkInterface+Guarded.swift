/// Other addresses can cut off the deployer, whatever the interface: another router, another name server.
extension NetworkInterface: Guarded {
    // The file goes back by itself, and so do the lines of others for ifupdown.
    public func restoration(on machine: Machine) async throws -> Restoration {
        let configuration = try configuration(on: machine)
        guard configuration.manager == .ifupdown else {
            return Restoration(paths: [marker], reloads: configuration.commands(replacing: marker, isReverted: true))
        }
        // The interface is taken down as it is declared: a client of DHCP goes on otherwise.
        let script = """
            printf '%s' "$2" > "$1.new"
            ifdown --force --interfaces="$1.new" "$3"
            rm -f "$1.new"
            ip addr flush dev "$3" scope global
            ! ifquery "$3" >/dev/null 2>&1 || exec ifup --force "$3"
            """
        let words = ["-c", script, "sh", marker.string, configuration.ifupdown, interface]
        return Restoration(paths: [marker], reloads: [Invocation("sh", words, timeout: .minutes(5))])
    }
}
