/// The ID that the engine has for an image which Propel has loaded from an archive, if it is not the hash of its
/// configuration.
struct LoadedImage {
    let image: String
    let machine: Machine

    /// Whether the engine's ID is that of the image with this hash of its configuration, or this declared ID.
    func isSame(_ present: String, as other: String) throws -> Bool {
        guard let bytes = try machine.files.readIfPresent(path), let record = try? JSON(parsing: bytes) else {
            return false
        }
        return record["id"]?.string == present && record["is"]?.array?.contains { $0.string == other } == true
    }

    func remember(_ present: String, as others: [String]) throws {
        let record: JSON = ["id": .string(present), "is": .array(others.map(JSON.string))]
        try machine.files.replacePrivate(path, with: Array("\(record)\n".utf8))
    }

    func forget() throws { try machine.files.remove(path) }

    private var path: FilePath {
        Machine.state.appending("loaded-images").appending(escaping: image)
    }
}
