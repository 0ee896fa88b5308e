extension Machine {
    /// Leaves a check open that finds nothing at a path, as declared, while a package may bring it.
    /// - Throws: ``Undetermined`` if a property that the survey has checked before will install packages, unless the
    ///   path is where no package puts anything: in a home, or where other file systems are mounted (Debian Policy
    ///   9.1; FHS 3.0, `/home`, `/root`, `/media`, `/mnt`).
    func awaitPackages(for path: FilePath) throws {
        let leftToUsers: [FilePath] = ["/home", "/root", "/media", "/mnt"]
        guard !leftToUsers.contains(where: path.lexicallyNormalized().starts(with:)) else { return }
        try awaitPackages()
    }
}
