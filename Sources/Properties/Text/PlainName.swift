/// The name of something that a property writes, such as a drop-in, in the name of its file.
enum PlainName {
    /// - Parameters:
    ///   - name: the name.
    ///   - subject: “a backup”, for the message.
    /// - Throws: ``Failure`` unless it has letters, digits, “-” and “_” only.
    static func validate(_ name: String, of subject: String) throws {
        guard !name.isEmpty, name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }) else {
            throw Failure("invalid name of \(subject) “\(name.escaped)”", advice: "Use letters, digits, “-” and “_”.")
        }
    }
}
