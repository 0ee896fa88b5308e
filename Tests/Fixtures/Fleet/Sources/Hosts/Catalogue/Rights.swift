import Properties

/// Rights on files besides their modes, and who has them.
@PropertyBuilder<Debian>
func rights(isReverted: Bool) -> [Declaration] {
    let shared = ACL(
        on: "/srv/rights", .user("media", "rwx"), .group("games", "r-x"), inherited: [.user("media", "rw-")])
    let capabilities = FileCapabilities("/usr/local/bin/nap", "cap_net_bind_service", "cap_net_raw")

    Directory("/srv/rights", mode: 0o770)
    Copied(from: "/usr/bin/sleep", to: "/usr/local/bin/nap", mode: 0o755)
    if isReverted {
        shared.reverted()
        capabilities.reverted()
    } else {
        shared
        capabilities
        Group("editors", id: 4711)
        Membership(of: "media", in: "editors")
        CopiedDirectory(from: "/etc/skel", to: "/srv/skeleton", owner: "media", purge: true)
    }
}
