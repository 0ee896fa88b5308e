/// Where in the configuration something is declared.
public struct SourcePlace: Sendable, Hashable, CustomStringConvertible {
    /// The module and the file: `Hosts/Demo.swift`.
    public var fileID: String
    public var line: Int

    public init(fileID: StaticString, line: UInt) {
        self.fileID = fileID.description
        self.line = Int(line)
    }

    /// The module that the file belongs to.
    public var module: Substring { fileID.prefix { $0 != "/" } }

    public var description: String { "Sources/\(fileID):\(line)" }
}
