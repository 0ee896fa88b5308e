extension Machine {
    /// Checks whether the originals of these paths have been restored: satisfied for those that were never changed.
    func checkRestored(_ paths: [FilePath]) throws -> Check {
        .unmet(unlessEmpty: try paths.filter { try originals.has($0) }.map { "restore the original \($0)" })
    }
}
