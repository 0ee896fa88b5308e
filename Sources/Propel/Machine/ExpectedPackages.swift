extension Machine {
    /// Notes in a check that applying the property will install packages, so that what is declared after them can be
    /// planned. They may bring others with them, files, units and running services.
    public func expectPackages(_ names: [String]) {
        packagesToCome.withLock { packages in
            guard let known = packages else { return }
            packages = known + names.filter { !known.contains($0) }
        }
    }

    /// Leaves a check open that finds something absent, as declared, while a package may bring it: a unit, a file,
    /// another package.
    ///
    /// An installation may bring what was absent before it. In the turn of the property during a run this does nothing,
    /// since then the packages are there.
    /// - Throws: ``Undetermined`` if a property that the survey has checked before will install packages.
    public func awaitPackages() throws {
        guard let names = packagesToCome.withLock({ $0 }), let last = names.last else { return }
        let list =
            switch names.count {
            case 1: "\(last) is"
            case 2...4: "\(names.dropLast().joined(separator: ", ")) and \(last) are"
            default: "\(names.prefix(3).joined(separator: ", ")) and \(names.count - 3) more packages are"
            }
        throw Undetermined(until: "\(list) installed")
    }

    /// Begins a survey, in which nothing is to come yet.
    func beginSurvey() { packagesToCome.withLock { $0 = [] } }

    /// Ends a survey: from here on a check sees what there is.
    func endSurvey() {
        packagesToCome.withLock { $0 = nil }
        earlyFacts.end()
    }
}
