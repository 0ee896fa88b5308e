/// Other addresses can cut off the deployer, whatever the interface: another router, another name server.
extension NetworkInterface: Guarded {
    // The file goes back by itself, and so do the lines of others for ifupdown.
    public func restoration(on machine: Machine) async throws -> Restoration {
        let configuration = try configuration(on: machine)
        guard configuration.manager == .ifupdown else {
            return Restoration(paths: [marker], reloads: configuration.commands(replacing: marker, isReverted: true))
        }
        // The interface is taken down as it is declared: a client of DHCP goes on otherwise.
        let reload = InterfaceConfiguration.ifupdown(interface, replacing: marker, text: configuration.ifupdown)
        return Restoration(paths: [marker], reloads: [reload])
    }
}
