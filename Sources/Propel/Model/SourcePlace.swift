/// The place of a declaration in the source.
public struct SourcePlace: Sendable, Hashable, CustomStringConvertible {
    /// The module and the file: `Hosts/Demo.swift`.
    public var fileID: String
    /// The line, counted from 1.
    public var line: Int

    public init(fileID: StaticString, line: UInt) {
        self.fileID = fileID.description
        self.line = Int(line)
    }

    /// Whether it is in the sources of Propel rather than in those of its user.
    public var isInCatalogue: Bool { fileID.hasPrefix("Properties/") || fileID.hasPrefix("Propel/") }

    /// The module is the folder, except for the roles of Propel's repository: SwiftPM wants another module name than
    /// in a user's package, which is where `Hosts` belongs.
    public var description: String {
        let file = fileID.hasPrefix("Examples/") ? "Hosts/" + fileID.dropFirst("Examples/".count) : fileID
        return "Sources/\(file):\(line)"
    }
}
