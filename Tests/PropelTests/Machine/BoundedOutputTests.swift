import PropelTesting
import Testing

@testable import Propel

@Suite struct BoundedOutputTests {
    private func append(_ bytes: [UInt8], to output: inout BoundedOutput) {
        bytes.withUnsafeBytes { output.append($0) }
    }

    /// Pieces of all sizes, compared with what simple arrays say.
    @Test(arguments: 0..<50 as Range<UInt64>) func `the beginning and the end are kept`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let limit = Int.random(in: 1...20, using: &generator)
        var output = BoundedOutput(limit: limit), all: [UInt8] = []
        for _ in 0..<Int.random(in: 0...20, using: &generator) {
            let piece = (0..<Int.random(in: 0...50, using: &generator)).map { _ in
                UInt8.random(in: 65...90, using: &generator)
            }
            append(piece, to: &output)
            all += piece
            let omitted = max(0, all.count - 2 * limit)
            #expect(output.omitted == omitted)
            let marker = omitted > 0 ? "\n… \(omitted) bytes left out …\n" : ""
            let kept = all.prefix(limit) + marker.utf8 + all.dropFirst(limit).suffix(limit)
            #expect(output.contents == Array(kept))
            #expect(output.suffix(limit) == Array(all.suffix(limit)))
            #expect(output.suffix(1) == Array(all.suffix(1)))
        }
    }

    @Test func `a failure shows the beginning, how much was left out, and the end`() {
        let lines = (1...40).map { "line \($0)" }.joined(separator: "\n")
        let result = CommandResult(ending: .exited(1), errors: Array(lines.utf8), omittedErrors: 7)
        let failure = CommandFailure(command: Invocation("apt", []), result: result)
        #expect(failure.lastLines.first == "line 1")
        #expect(failure.lastLines[5] == "… 7 bytes left out …")
        #expect(failure.lastLines.last == "line 40")
        #expect(failure.lastLines.count == Failure.outputLineLimit)
    }
}
