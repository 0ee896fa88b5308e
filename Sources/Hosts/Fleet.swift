import Properties

/// The roles that an entry of `hosts.conf` may name.
public let fleet = Fleet(demo, ci, pi, production, shop, web, vps, application)
