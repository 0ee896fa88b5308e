import Properties
import Testing

@Suite struct ClaimsTests {
    @Test func `a file in the way of a property is a conflict`() {
        let host = Host("x", runs: Debian.self) {
            Hostname("web1.example.org")
            File("/etc/hostname", "web2\n")
            Timezone("Europe/Berlin")
            SymbolicLink("/etc/localtime", to: "/usr/share/zoneinfo/Etc/UTC")
            Ntp(servers: "a")
            File("/etc/systemd/timesyncd.conf.d/propel.conf", "")
            SwapFile("/swapfile", size: .gibibytes(1))
            SwapFile("/swapfile", size: .gibibytes(2))
            Locale.Default("C.UTF-8")
            Locale.Default("en_GB.UTF-8")
        }
        #expect(
            host.conflicts.map(\.subject) == [
                "the path /etc/hostname", "the path /etc/localtime",
                "the path /etc/systemd/timesyncd.conf.d/propel.conf", "the path /swapfile",
                "the default locale",
            ])
    }
}
