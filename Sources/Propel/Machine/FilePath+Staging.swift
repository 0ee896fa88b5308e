import PlainText

extension FilePath {
    /// The path at which the next content of this file is written before it takes the file's place: `.NAME.propel`
    /// beside it. Hidden, and no part of a directory of configuration files to anything that reads one.
    public var stagingPath: FilePath { removingLastComponent().appending(".\(lastComponent?.string ?? "").propel") }

    /// Whether its name is that of a ``stagingPath``: a file that was being written, or that an interrupted run left.
    public var isStagingPath: Bool {
        guard let name = lastComponent?.string else { return false }
        return name.hasPrefix(".") && name.hasSuffix(".propel")
    }
}
