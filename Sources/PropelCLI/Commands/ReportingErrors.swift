import ArgumentParser
import Foundation
import Git
import HostsConf
import Propel
import Sandbox
import SSHTransport
import SecretStore

/// Runs a command. An error that it throws is printed to standard error, with the advice that it has, and becomes the
/// exit status of the process.
func reportingProblems(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let exit as ExitCode {
        throw exit
    } catch let status as ExitStatus {
        throw ExitCode(status.rawValue)
    } catch {
        let (message, status): (String, ExitStatus) =
            switch error {
            case let error as UsageError: (error.description, .usage)
            case let error as HostsConf.Errors: (error.description, .usage)
            case let error as HostsConf.UnknownHost: (error.description, .usage)
            case let error as Failure:
                (error.words, .usage)
            // Of a build host; those of the hosts of a run are in its report.
            case let error as TransportError:
                (Failure(error.message, advice: error.remedy).words, error.isUnreachable ? .unreachable : .failed)
            case let error as BuildError: (error.description, .failed)
            case let error as GitError: ("\(error)", .failed)
            case let error as SecretStoreError: (error.description, .failed)
            case SandboxError.needsRoot: ("\(error)", .usage)
            case let error as SandboxError: ("\(error)", .failed)
            case is CancellationError, is Interrupted: ("interrupted", .interrupted)
            case let error as CocoaError: (error.words, .failed)
            default: (Failure(describing: error).words, .failed)
            }
        Terminal.error.print("propel: \(message.printable)")
        throw ExitCode(status.rawValue)
    }
}

extension Failure {
    /// The message, and on the next line the advice.
    fileprivate var words: String { [message, advice].compactMap(\.self).joined(separator: "\n") }
}

extension CocoaError {
    /// The error with its file and the reason of the system call: Foundation says “couldn’t be opened”.
    var words: String {
        let reason = (underlying as? POSIXError).map { String(cString: strerror($0.code.rawValue)) }
        guard let filePath else { return reason ?? localizedDescription }
        return "\(filePath): \(reason ?? localizedDescription)"
    }
}
