import ArgumentParser
import Git
import HostsConf
import Propel
import Sandbox
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
                ([error.message, error.advice].compactMap(\.self).joined(separator: "\n"), .usage)
            case let error as BuildError: (error.description, .failed)
            case let error as GitError: ("\(error)", .failed)
            case let error as SecretStoreError: (error.description, .failed)
            case SandboxError.needsRoot: ("\(error)", .usage)
            case let error as SandboxError: ("\(error)", .failed)
            case is CancellationError, is Interrupted: ("interrupted", .interrupted)
            default: ("\(error)", .failed)
            }
        Terminal.error.print("propel: \(message.printable)")
        throw ExitCode(status.rawValue)
    }
}
