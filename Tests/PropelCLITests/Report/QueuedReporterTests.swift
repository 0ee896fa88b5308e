import Dispatch
import Foundation
import Propel
import Synchronization
import Testing

@testable import PropelCLI

@Suite(.serialized) struct QueuedReporterTests {
    /// Writes to a reader that pauses until it is told to read on.
    private final class SlowReporter: Reporter {
        let reads = DispatchSemaphore(value: 0)
        let written = Mutex<[String]>([])

        func report(_ progress: HostRun.Progress, of host: String) {
            reads.wait()
            written.withLock { $0.append(host) }
        }
        func finish(_ outcome: Outcome) { written.withLock { $0.append("finish") } }
        func summarize(_ summary: RunReport) {
            written.withLock { $0.append("summary") }
        }
        func pause(_ isPaused: Bool) { written.withLock { $0.append("pause") } }
    }

    @Test func `a reader that pauses does not hold up the run`() {
        let slow = SlowReporter(), reporter = QueuedReporter(slow, looks: 1)
        for host in ["a", "b"] { reporter.report(.doing("connecting"), of: host) }
        reporter.finish(Outcome(host: "a", result: .converged, counts: RunSummary(counts: [:]), seconds: 0))
        reporter.pause(true)
        reporter.summarize(RunReport(outcomes: [], mode: .enforce, seconds: 0))
        #expect(slow.written.withLock(\.self).isEmpty)
        for _ in 0..<2 { slow.reads.signal() }
        QueuedReporter.flush()
        #expect(slow.written.withLock(\.self) == ["a", "b", "finish", "pause", "summary"])
    }

    @Test func `a question waits until the screen is free`() {
        let slow = SlowReporter(), reporter = QueuedReporter(slow, looks: .max)
        slow.reads.signal()
        reporter.report(.doing("connecting"), of: "a")
        reporter.pause(true)
        #expect(slow.written.withLock(\.self) == ["a", "pause"])
    }

    @Test func `writing to a reader that is gone fails instead of ending the process`() {
        surviveClosedPipes()
        let pipe = Pipe()
        try? pipe.fileHandleForReading.close()
        #expect(write(pipe.fileHandleForWriting.fileDescriptor, "x", 1) == -1 && errno == EPIPE)
    }
}
