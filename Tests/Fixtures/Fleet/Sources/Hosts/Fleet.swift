import Properties

/// The roles of this repository, by links to their files, and those that only tests and benchmarks need.
public let fleet = Fleet(
    demo, ci, pi, production, shop, web, front, bench, trial, page, catalogue, stores, vps, application,
    language, files, sites, access, small, versions)
