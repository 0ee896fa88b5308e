import PropelTesting
import Testing

@testable import Properties

extension NginxReloadTests {
    /// A worker that crashes is replaced by the master, which goes on with its former configuration.
    @Test func `a worker that was replaced is no reload`() async throws {
        let fake = nginx.fake
        fake.commands.program("systemctl") { command in
            switch command.arguments.first {
            case "reload":
                try fake.files.remove("/proc/111/stat")
                fake.files.put(
                    "/proc/170/stat", "170 (nginx) S 100 1 1 0 -1 1 1 1 1 1 1 1 1 1 20 0 1 0 1700 1 1\n")
                fake.files.put("/proc/170/cmdline", "nginx: worker process\0")
                return .printing()
            case _ where command.arguments.contains("--property=MainPID"): return .printing("100\n")
            default:
                return .printing(
                    "Id=nginx.service\nNames=nginx.service\nLoadState=loaded\nActiveState=active\n"
                        + "UnitFileState=enabled\nNeedDaemonReload=no\n")
            }
        }
        let failure = await #expect(throws: Failure.self) {
            try await Nginx.Reload(timeout: .milliseconds(1)).perform(on: fake.machine)
        }
        #expect(failure?.message == "nginx refuses its new configuration and keeps the previous one")
    }
}
