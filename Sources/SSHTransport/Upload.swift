/// The progress of an upload.
public struct UploadProgress: Sendable, Equatable {
    /// Bytes that had arrived with an upload that was cut, and are not sent again.
    public var start = 0
    /// Bytes that have been handed to the connection, and those before.
    public var sent: Int
    /// Bytes of the whole upload.
    public var total: Int
}

/// The upload of an enforcer to a machine that did not have it.
public struct Upload: Sendable, Equatable {
    /// The number of bytes, with those that had arrived already in an upload that was cut.
    public var size: Int
    /// With what they were compressed; nil where the machine has no program for it.
    public var compression: Compression?
    /// The SHA-256 of the enforcer of the machine that this is the difference to; nil if the whole one was sent.
    public var base: String?

    public init(size: Int, compression: Compression?, base: String? = nil) {
        (self.size, self.compression, self.base) = (size, compression, base)
    }
}
