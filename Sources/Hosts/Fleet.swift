import Properties

/// What a machine of `hosts.conf` can be.
public let fleet = Fleet(demo, ci, pi, production, shop, web, front, bench, trial, page)
