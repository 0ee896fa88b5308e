import Properties
import Testing

@Suite struct ByteSizeTests {
    @Test(arguments: [
        ("512M", 536_870_912), ("512 MiB", 536_870_912), ("512MiB", 536_870_912), ("2 GiB", 2_147_483_648),
        ("2G", 2_147_483_648),
        ("1T", 1_099_511_627_776), ("4 KiB", 4096), ("4K", 4096), ("4096 B", 4096), ("0 B", 0), ("2 GB", 2_000_000_000),
        ("1kB", 1000),
        ("1MB", 1_000_000),
    ])
    func `reads`(_ text: String, _ bytes: Int) throws {
        #expect(try ByteSize(parsing: text).bytes == bytes)
    }

    @Test(arguments: [
        "", "512", "M", "1.5G", "-1M", "+1M", "1 m", "1  M", " 1M", "1M ", "1Mi", "1MIB", "1 mb", "1e3M", "٣M", "1M\n",
        "99999999999999999999M",
        "9999999999 GiB",
    ])
    func `refuses`(_ text: String) {
        #expect(throws: Failure.self) { try ByteSize(parsing: text) }
    }

    @Test func `says it exactly`() {
        #expect("\(ByteSize.gibibytes(2))" == "2 GiB")
        #expect("\(ByteSize.mebibytes(1500))" == "1500 MiB")
        #expect("\(ByteSize.mebibytes(1024))" == "1 GiB")
        #expect("\(ByteSize(bytes: 4097))" == "4097 B")
        #expect("\(ByteSize(bytes: 0))" == "0 B")
        #expect(ByteSize.kibibytes(1) < .tebibytes(1))
    }

    @Test func `a size that does not fit is reported with the largest one`() {
        #expect(ByteSize.tebibytes(.max).bytes == .max)
        #expect(ByteSize.tebibytes(.min).bytes == .min)
    }

    @Test func `a literal is read`() {
        let size: ByteSize = "2 GiB"
        #expect(size == .gibibytes(2))
        #expect(SwapFile("/swapfile", size: "512 MiB").size == .mebibytes(512))
        #expect(SwapFile("/swapfile", size: "512 MiB").problems.isEmpty)
    }

    @Test func `an invalid literal is found before a machine is touched`() {
        #expect(
            SwapFile("/swapfile", size: "2 gigabytes").problems.first?.hasPrefix("invalid size “2 gigabytes”") == true)
    }
}
