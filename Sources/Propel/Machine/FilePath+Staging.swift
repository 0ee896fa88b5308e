extension FilePath {
    /// The path at which the next content of this file is written before it takes the file's place: `.NAME.propel`
    /// beside it. Hidden, and no part of a directory of configuration files to anything that reads one.
    public var stagingPath: FilePath {
        let path = string
        let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map(path.utf8.index(after:)) ?? path.startIndex
        return FilePath("\(path[..<name]).\(path[name...]).propel")
    }

    /// Whether its name is that of a ``stagingPath``: a file that was being written, or that an interrupted run left.
    public var isStagingPath: Bool {
        guard let name = lastComponent?.string else { return false }
        return name.hasPrefix(".") && name.hasSuffix(".propel")
    }
}
