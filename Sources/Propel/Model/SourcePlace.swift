/// Where in the configuration something is declared.
public struct SourcePlace: Sendable, Hashable, CustomStringConvertible {
    /// The module and the file: `Hosts/Demo.swift`.
    public var fileID: String
    /// Counted from 1.
    public var line: Int

    public init(fileID: StaticString, line: UInt) {
        self.fileID = fileID.description
        self.line = Int(line)
    }

    /// Whether it is in what Propel brings, and not in what its user writes.
    public var isInCatalogue: Bool { fileID.hasPrefix("Properties/") || fileID.hasPrefix("Propel/") }

    public var description: String { "Sources/\(fileID):\(line)" }
}
