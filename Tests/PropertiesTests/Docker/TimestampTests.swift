import Testing

@testable import Properties

/// The times that docker writes.
@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59.999999999Z", 951_868_799),
        ("2026-11-21T17:05:35+01:00", 1_795_277_135), ("2026-11-21T17:05:35.5-00:30", 1_795_282_535),
        ("2024-12-31T00:00:00Z", 1_735_603_200), ("0001-01-01T00:00:00Z", -62_135_596_800),
    ])
    func `a time of docker is read`(_ text: String, _ seconds: Int) {
        #expect(Timestamp(rfc3339: text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-11-21T17:05:35", "2026-13-21T17:05:35Z", "2026-11-21T17:05:35+1", "now",
        "2026-11-21T17:05:35Zulu", "+026-11-21T17:05:35Z", "2026-11-21T17:05:35+01:0x", "2026/11/21T17:05:35Z",
    ])
    func `another form is no time`(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }
}
