import Properties

/// A host with one of each of the properties that need neither a server nor a stack.
///
/// Keys in hosts.conf: `archive`, the SHA-256 of the archive that tar(1) of the release makes; `interface-address`, its
/// own with the length of the network, and `nameserver`, as the sandbox has them; `reverted`, true to revert what can
/// be reverted.
let catalogue = Role(
    "catalogue", runs: Debian.self, keys: ["archive", "interface-address", "nameserver", "reverted"]
) { host in
    let isReverted = try host.bool("reverted") ?? false
    files(isReverted: isReverted)
    texts(isReverted: isReverted)
    packages(isReverted: isReverted)
    jobs(isReverted: isReverted)
    downloads(archive: try host.string("archive") ?? "", isReverted: isReverted)
    network(isReverted: isReverted)
    interfaces(
        address: try host.string("interface-address") ?? "192.0.2.9/24",
        nameserver: try host.string("nameserver") ?? "192.0.2.1", isReverted: isReverted)
    administration(isReverted: isReverted)
    rights(isReverted: isReverted)
    absences()
    // Each release has one of the larger installations.
    When(.codename("bookworm")) { servers(isReverted: isReverted) }
    When(!.codename("bookworm")) { containers(isReverted: isReverted) }
    if !isReverted {
        Apt.CacheCleaned()
        Reboot.WhenRequired(.now)
    }
}
