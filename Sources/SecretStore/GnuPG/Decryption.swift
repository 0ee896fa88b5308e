import CGPGME
import Foundation
import Propel

extension GnuPGContext {
    /// - Parameters:
    ///   - secret: the secret of this message, for errors.
    ///   - recipients: its recipients, for errors. Only then they are asked for.
    func decrypt(
        _ message: [UInt8], of secret: StoredSecret, passphrase: PassphraseSource,
        recipients: () throws(SecretStoreError) -> [Recipient]
    ) throws(SecretStoreError) -> SecretBytes {
        let sink: PlaintextSink
        do {
            // The plaintext is not longer than an uncompressed message.
            sink = try PlaintextSink(capacity: message.count)
        } catch {
            throw .gnupg(operation: "decrypt \(secret.path)", reason: error.description)
        }
        let error = withPassphrase(passphrase) { context in
            GnuPGData(message).withHandle { input in sink.withHandle { gpgme_op_decrypt(context, input, $0) } }
        }
        guard error == 0 else {
            if sink.isOverLimit { throw .tooLarge(secret.path) }
            throw storeError(for: GnuPGError(error), of: secret, for: try recipients())
        }
        guard let bytes = sink.take() else { throw .damaged(secret.path, reason: "it is empty") }
        return bytes
    }

    private func storeError(
        for error: GnuPGError, of secret: StoredSecret, for recipients: [Recipient]
    ) -> SecretStoreError {
        switch error.code {
        case GPG_ERR_NO_SECKEY: isAgentAlive ? .noSecretKey(secret.path, recipients: recipients) : .noAgent
        case GPG_ERR_BAD_PASSPHRASE: .badPassphrase(secret.path)
        // ENOTTY: pinentry has no terminal.
        case GPG_ERR_NO_PIN_ENTRY, GPG_ERR_ENOTTY: .noPinentry
        case GPG_ERR_CANCELED, GPG_ERR_FULLY_CANCELED: .cancelled
        case GPG_ERR_NO_AGENT, GPG_ERR_AGENT: .noAgent
        case GPG_ERR_DECRYPT_FAILED, GPG_ERR_BAD_DATA, GPG_ERR_CHECKSUM:
            .damaged(secret.path, reason: "it was changed or truncated")
        case GPG_ERR_NO_DATA, GPG_ERR_INV_PACKET, GPG_ERR_UNEXPECTED:
            .damaged(secret.path, reason: "it is not an encrypted OpenPGP message")
        default: .gnupg(operation: "decrypt \(secret.path)", reason: error.words)
        }
    }

    /// Runs an operation that may need a passphrase.
    private func withPassphrase(
        _ source: PassphraseSource, _ operation: (OpaquePointer) -> gpgme_error_t
    ) -> gpgme_error_t {
        guard case .given(let bytes) = source else { return withHandle(operation) }
        return withHandle { context in
            gpgme_set_pinentry_mode(context, GPGME_PINENTRY_MODE_LOOPBACK)
            gpgme_set_passphrase_cb(context, givePassphrase, Unmanaged.passUnretained(bytes).toOpaque())
            defer {
                gpgme_set_passphrase_cb(context, nil, nil)
                gpgme_set_pinentry_mode(context, GPGME_PINENTRY_MODE_DEFAULT)
            }
            return withExtendedLifetime(bytes) { operation(context) }
        }
    }
}

private func givePassphrase(
    _ hook: UnsafeMutableRawPointer?, _ user: UnsafePointer<CChar>?, _ info: UnsafePointer<CChar>?, _ wasWrong: Int32,
    _ descriptor: Int32
) -> gpgme_error_t {
    guard let hook, wasWrong == 0 else { return gpgme_error(GPG_ERR_BAD_PASSPHRASE) }
    let passphrase = Unmanaged<SecretBytes>.fromOpaque(hook).takeUnretainedValue()
    let isWritten = passphrase.withUnsafeBytes { gpgme_io_writen(descriptor, $0.baseAddress, $0.count) == 0 }
    return isWritten && gpgme_io_writen(descriptor, "\n", 1) == 0 ? 0 : gpgme_error(GPG_ERR_CANCELED)
}
