public import SystemPackage

/// Paths are written as strings are: `Directory("/srv/\(name)")`.
extension FilePath: @retroactive ExpressibleByStringInterpolation {}
