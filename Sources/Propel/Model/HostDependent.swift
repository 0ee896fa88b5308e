/// A property that depends on what else its host declares, such as a firewall on the ports.
public protocol HostDependent: Property {
    /// Returns the property as it is on a host with these steps.
    func adapted(to steps: [Step]) -> Self
}
