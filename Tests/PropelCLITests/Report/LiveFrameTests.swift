import Propel
import Testing

@testable import PropelCLI

@Suite struct LiveFrameTests {
    private func state(_ hosts: [String], _ activities: [String] = []) -> LiveState {
        let now = ContinuousClock.now
        var state = LiveState(hosts: hosts, now: now)
        for (host, activity) in zip(hosts, activities) {
            state.update(host) { $0.activity = activity }
        }
        return state
    }

    @Test func `a host has a line with its progress`() {
        var state = state(["web"], ["apt: git: installing 11 packages, unpacking nginx (7/62)"])
        let since = state.now - .seconds(68)
        state.update("web") { host in
            (host.done, host.total) = (3, 40)
            host.since = since
        }
        #expect(
            LiveFrame(state).lines(width: 120, height: 24) == [
                "⠋ web 3/40  apt: git: installing 11 packages, unpacking nginx (7/62) (68.0 s)"
            ])
        state.tick = 6
        #expect(
            LiveFrame(state).lines(width: 60, height: 24) == [
                "⠦ web 3/40  apt: git: installing 11 packages, unpacking",
                "    nginx (7/62) (68.0 s)",
            ])
    }

    @Test func `finished hosts have no line, and names are aligned`() {
        var state = state(["a", "long.example.com", "b"], ["checking", "connecting", "done"])
        state.update("b") { $0.isFinished = true }
        #expect(
            LiveFrame(state).lines(width: 80, height: 24) == [
                "⠋ a                 checking", "⠋ long.example.com  connecting",
            ])
    }

    @Test(arguments: [80, 120], [1, 3, 40])
    func `lines fit the terminal`(width: Int, hosts: Int) {
        let names = (0..<hosts).map { "host\($0).a-rather-long-name.of-a-datacenter.example.com" }
        let activities = (0..<hosts).map { index in
            [
                "checking", "file /srv/データ/設定ファイル/とても長い名前のファイルです/もっと長い名前のファイル.conf: 日本語",
                String(repeating: "/very/long/path/without/spaces", count: 8),
                String(repeating: "🚀 e\u{301} ", count: 60),
            ][index % 4]
        }
        for height in [5, 24, 50] {
            let lines = LiveFrame(state(names, activities)).lines(width: width, height: height)
            #expect(lines.allSatisfy { $0.columns < width }, "\(lines)")
            #expect(lines.count <= max(1, height - 2) && lines.count <= 12)
            #expect(lines.count >= min(hosts, 3))
        }
    }

    @Test func `hosts without room are counted`() {
        let lines = LiveFrame(state((1...40).map { "host\($0)" })).lines(width: 80, height: 24)
        #expect(lines.count == 12 && lines.last == "  and 29 more")
    }

    @Test func `a line is cut after a word if there is no room to wrap it`() {
        let lines = LiveFrame(
            state(["a", "b", "c"], Array(repeating: "compiling the kernel of the machine", count: 3))
        )
        .lines(width: 30, height: 5)
        #expect(
            lines == [
                "⠋ a  compiling the kernel of…", "⠋ b  compiling the kernel of…", "⠋ c  compiling the kernel of…",
            ])
    }

    @Test func `the usual time stands beside a running time, through all progress`() {
        let start = ContinuousClock.now
        var state = LiveState(hosts: ["a"], now: start)
        state.report(.event(.applying(path: "image app", usual: 40)), of: "a", now: start)
        state.report(
            .event(.progress(path: "image app", words: "step 2/9")), of: "a", now: start + .seconds(10))
        state.now = start + .seconds(12)
        #expect(
            LiveFrame(state).lines(width: 80, height: 24) == ["⠋ a  image app: step 2/9 (12.0 s, usually 40.0 s)"])
        state.report(.event(.applying(path: "image b")), of: "a", now: start + .seconds(20))
        state.now = start + .seconds(25)
        #expect(LiveFrame(state).lines(width: 80, height: 24) == ["⠋ a  image b (5.0 s)"])

        var lines = ProgressLines(hosts: ["a"], now: start)
        lines.report(.event(.applying(path: "x", usual: 0.25)), of: "a", now: start)
        // Progress does not hold the line back.
        lines.report(.event(.progress(path: "x", words: "y")), of: "a", now: start + .seconds(29))
        #expect(lines.due(at: start + .seconds(30)) == ["a: x: y (30.0 s, usually 250 ms)"])
    }

    @Test func `a run that does the same for 30 seconds is told of, again and again`() {
        let start = ContinuousClock.now
        var lines = ProgressLines(hosts: ["a", "b", "c"], now: start)
        lines.report(.event(.started(run: "1", host: "a", system: "Debian", steps: 40)), of: "a", now: start)
        lines.report(.event(.applying(path: "apt: git")), of: "a", now: start)
        lines.report(.event(.applying(path: "x")), of: "b", now: start)
        lines.finish("b")
        #expect(lines.due(at: start + .seconds(29)) == [])
        #expect(lines.due(at: start + .seconds(30)) == ["a 0/40: apt: git (30.0 s)"])
        #expect(lines.due(at: start + .seconds(59)) == [])
        #expect(lines.due(at: start + .seconds(60)) == ["a 0/40: apt: git (60.0 s)"])
        lines.report(.event(.applying(path: "y\n")), of: "a", now: start + .seconds(70))
        #expect(lines.due(at: start + .seconds(95)) == [])
        #expect(lines.due(at: start + .seconds(100)) == [#"a 0/40: y\n (30.0 s)"#])
    }
}
