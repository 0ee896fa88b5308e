import Properties

/// Everything that a machine of `hosts.conf` can be.
public let fleet = Fleet(demo)
