extension FileSystem {
    /// Reads a record that Propel keeps as JSON; nil without a file.
    /// - Parameters:
    ///   - consequence: what it means if the record is moved away: a sentence.
    ///   - read: makes the value of the JSON.
    /// - Throws: ``Failure`` with the path if the record is damaged.
    package func record<Value>(
        at path: FilePath, movedAway consequence: String, _ read: (JSON) throws -> Value
    ) throws -> Value? {
        guard let bytes = try readIfPresent(path) else { return nil }
        do { return try read(try JSON(parsing: bytes)) } catch {
            throw Failure("the record \(path) is damaged: \(error)", advice: "Move it away. \(consequence)")
        }
    }

    /// Replaces a record that Propel keeps as JSON, readable by root only.
    package func writeRecord(_ json: JSON, to path: FilePath) throws(FileError) {
        try replacePrivate(path, with: Array(json.description.utf8))
    }
}
