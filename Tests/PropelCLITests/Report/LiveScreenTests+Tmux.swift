import Foundation
import Subprocess
import Testing

@testable import PropelCLI

extension LiveScreenTests {
    /// In a real tmux that shows 12 rows, the report scrolls into the history, and no live line does.
    @Test(arguments: [60, 24]) func `live lines leave nothing in the history of tmux`(_ width: Int) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tmux-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }

        var state = LiveState(hosts: ["a", "b", "c"], now: .now)
        var screen = LiveScreen(), output = ""
        for step in 0..<120 {
            state.tick = step
            state.report(.event(.applying(path: "SPINNER of a long activity \(step)")), of: "a", now: .now)
            let report = step.isMultiple(of: 3) ? "report \(step / 3)\n" : ""
            output += screen.draw(
                LiveFrame(state).lines(width: width, height: 12), below: report, width: width)
        }
        output += screen.clear(width: width) + "end\n"
        try output.write(to: folder.appending(path: "output"), atomically: true, encoding: .utf8)

        let socket = folder.appending(path: "socket").path
        func tmux(_ arguments: String...) async throws -> String {
            let result = try await Subprocess.run(
                .name("tmux"), arguments: Arguments(["-S", socket, "-f", "/dev/null"] + arguments),
                environment: .inherit.updating(["TERM": "xterm-256color"]), output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 16))
            #expect(result.terminationStatus.isSuccess, "tmux \(arguments): \(result.standardError)")
            return result.standardOutput
        }
        _ = try await tmux(
            "new-session", "-d", "-x", "\(width)", "-y", "12",
            "cat '\(folder.path)/output'; tmux -S '\(socket)' wait-for -S shown; exec sleep 3600")
        _ = try await tmux("wait-for", "shown")
        let lines = try await tmux("capture-pane", "-p", "-S", "-").split(separator: "\n")
        _ = try await tmux("kill-server")
        #expect(lines == (0..<40).map { "report \($0)" } + ["end"])
    }
}
