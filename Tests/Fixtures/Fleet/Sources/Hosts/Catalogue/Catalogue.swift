import Properties

/// A host with one of each of the properties that need neither a server nor a stack.
///
/// Keys in hosts.conf: `archive`, the SHA-256 of the archive that tar(1) of the release makes; `reverted`, true to
/// revert what can be reverted.
let catalogue = Role("catalogue", runs: Debian.self, keys: ["archive", "reverted"]) { host in
    let isReverted = try host.bool("reverted") ?? false
    files(isReverted: isReverted)
    texts(isReverted: isReverted)
    packages(isReverted: isReverted)
    jobs(isReverted: isReverted)
    downloads(archive: try host.string("archive") ?? "", isReverted: isReverted)
    network(isReverted: isReverted)
    administration(isReverted: isReverted)
}
