import Testing

@testable import Properties

@Suite struct FstabTests {
    private func lines(_ text: String) -> TextLines { TextLines(Array(text.utf8)) }
    private func text(_ lines: TextLines) -> String { String(decoding: lines.bytes, as: UTF8.self) }
    private let swap = Fstab.Entry(source: "/swapfile", target: "none", type: "swap", options: ["sw", "pri=5"])

    static let present = """
        # <file system> <mount point> <type> <options> <dump> <pass>
        UUID=abc / ext4 errors=remount-ro 0 1
        \t/dev/sda2\tnone\tswap\tsw\t0\t0
        #/swapfile none swap sw 0 0
        /mnt/swapfile none swap sw 0 0
        /swapfile2 none swap sw 0 0

        """

    @Test func `appends and removes`() {
        var edited = lines(Self.present)
        Fstab.set(swap, in: &edited)
        #expect(text(edited) == Self.present + "/swapfile none swap sw,pri=5 0 0\n")
        Fstab.remove("/swapfile", in: &edited)
        #expect(text(edited) == Self.present)
    }

    @Test func `replaces in place and keeps one`() {
        var edited = lines("a / x\n /swapfile  none\tswap defaults 0 0\r\nb /b y\n/swapfile swap swap\n")
        Fstab.set(swap, in: &edited)
        #expect(text(edited) == "a / x\n/swapfile none swap sw,pri=5 0 0\r\nb /b y\n")
    }

    @Test func `areas with the target none are told apart`() {
        var edited = lines("/swapfile none swap sw 0 0\n")
        Fstab.set(.init(source: "/other", target: "none", type: "swap", options: ["sw"]), in: &edited)
        #expect(text(edited) == "/swapfile none swap sw 0 0\n/other none swap sw 0 0\n")
    }

    @Test func `spaces are escaped`() {
        let entry = Fstab.Entry(source: "/my swap\t\\x", target: "none", type: "swap", options: ["sw"])
        #expect(entry.line == "/my\\040swap\\011\\134x none swap sw 0 0")
        #expect(Fstab.Entry(line: entry.line) == entry)
    }

    @Test(arguments: [
        ("\\040", " "), ("a\\", "a\\"), ("\\04", "\\04"), ("\\999", "\\999"), ("\\134040", "\\040"),
        ("\\303\\244", "ä"),
    ])
    func `unescapes`(_ escaped: String, _ plain: String) {
        #expect(escaped.octalUnescaped == plain)
    }

    @Test func `lines that are no entries`() {
        for line in ["", "   ", "# /a /b c", "#/a /b c", "/a /b"] { #expect(Fstab.Entry(line: line) == nil) }
        #expect(Fstab.Entry(line: "/a /b ext4")?.options == ["defaults"])
    }
}
