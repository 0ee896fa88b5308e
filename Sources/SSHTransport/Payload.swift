import Foundation
import PlainText

/// The bytes that are sent of an enforcer, and how the machine makes its file of them.
struct Payload: Sendable {
    let data: Data
    /// With what they are compressed; nil where the machine has no program for it.
    let compression: Compression?
    /// The SHA-256 of the enforcer that they are a patch for; nil for a whole one.
    let base: String?
    /// Tells them from other bytes of the same enforcer: FNV-1a of 64 bits, in hexadecimal digits.
    ///
    /// A part that is on the machine is continued only with the bytes that it began with. It need not resist forgery:
    /// what is installed has the SHA-256 of the enforcer.
    let checksum: String

    init(_ data: Data, compression: Compression?, base: String? = nil) {
        self.data = data
        self.compression = compression
        self.base = base
        checksum = data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in String(UInt64(fnv1a: bytes), radix: 16) }
    }

    /// The last arguments of `Scripts.install`.
    var arguments: [String] { [String(data.count), checksum, compression?.rawValue ?? "cat", base ?? "-"] }

    /// The upload for a report.
    var upload: Upload { Upload(size: data.count, compression: compression, base: base) }
}
