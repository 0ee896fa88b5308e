import Properties

/// A host with one of each of the properties that need neither a server nor a stack.
///
/// Key in hosts.conf: `reverted`, true to revert what can be reverted.
let catalogue = Role("catalogue", runs: Debian.self, keys: ["reverted"]) { host in
    let isReverted = try host.bool("reverted") ?? false
    files(isReverted: isReverted)
    texts(isReverted: isReverted)
    packages(isReverted: isReverted)
    jobs(isReverted: isReverted)
    downloads(isReverted: isReverted)
    network(isReverted: isReverted)
    administration(isReverted: isReverted)
}
