import CGPGME
import Foundation
import Propel

/// Bytes that GnuPG reads or writes. Not for plaintexts: see ``PlaintextSink``.
final class GnuPGData {
    private let handle: OpaquePointer?

    /// An empty buffer for output.
    init() {
        var handle: OpaquePointer?
        gpgme_data_new(&handle)
        self.handle = handle
    }

    /// A copy of `bytes`.
    init(_ bytes: [UInt8]) {
        var handle: OpaquePointer?
        bytes.withUnsafeBytes { bytes in
            _ = gpgme_data_new_from_mem(&handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, 1)
        }
        self.handle = handle
    }

    deinit { gpgme_data_release(handle) }

    /// Calls `body` with the handle, and stays alive until it returns.
    func withHandle<Result, Failure>(_ body: (OpaquePointer?) throws(Failure) -> Result) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(handle)
    }

    /// The whole content.
    var bytes: [UInt8] {
        gpgme_data_seek(handle, 0, SEEK_SET)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while case let count = gpgme_data_read(handle, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return bytes
    }
}

extension SecretBytes {
    /// Passes the plaintext to GnuPG without a copy. The library wipes its own buffers.
    func withGnuPGData<Result>(_ body: (OpaquePointer?) throws -> Result) rethrows -> Result {
        try withUnsafeBytes { bytes in
            var handle: OpaquePointer?
            gpgme_data_new_from_mem(&handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, 0)
            defer { gpgme_data_release(handle) }
            gpgme_data_set_flag(handle, "sensitive", "1")
            return try body(handle)
        }
    }
}

/// Receives a plaintext from GnuPG directly into memory that is wiped.
final class PlaintextSink {
    private var handle: OpaquePointer?
    private let callbacks: UnsafeMutablePointer<gpgme_data_cbs>
    private var buffer: SecretBuffer?
    /// Whether the plaintext exceeded the size limit of a secret.
    private(set) var isOverLimit = false

    /// - Parameter capacity: the initial capacity in bytes.
    init(capacity: Int) throws(Errno) {
        buffer = try SecretBuffer(capacity: capacity)
        callbacks = .allocate(capacity: 1)
        callbacks.initialize(to: gpgme_data_cbs(read: nil, write: receive, seek: nil, release: nil))
        gpgme_data_new_from_cbs(&handle, callbacks, Unmanaged.passUnretained(self).toOpaque())
        gpgme_data_set_flag(handle, "sensitive", "1")
    }

    deinit {
        gpgme_data_release(handle)
        callbacks.deallocate()
    }

    /// Calls `body` with the handle, and stays alive until it returns.
    func withHandle<Result, Failure>(_ body: (OpaquePointer?) throws(Failure) -> Result) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        return try body(handle)
    }

    fileprivate func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let count = buffer?.count, count + bytes.count <= Secret.sizeLimit else {
            isOverLimit = true
            errno = EFBIG
            return -1
        }
        do {
            try buffer?.append(bytes)
            return bytes.count
        } catch {
            errno = error.rawValue
            return -1
        }
    }

    /// The plaintext. Must be called once, after the operation has succeeded.
    func take() -> SecretBytes? { buffer.take()?.finish() }
}

private func receive(_ handle: UnsafeMutableRawPointer?, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    guard let handle, let bytes else { return -1 }
    return Unmanaged<PlaintextSink>.fromOpaque(handle).takeUnretainedValue().append(
        UnsafeRawBufferPointer(start: bytes, count: count))
}
