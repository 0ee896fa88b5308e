import Testing

@testable import Properties

@Suite struct DpkgCommandTests {
    @Test func `argument lists`() {
        let commands = [
            DpkgCommand.install(["git", "nano-"]), DpkgCommand.install(["git"], recommends: false),
            DpkgCommand.purge(["nano"]), DpkgCommand.upgrade(), DpkgCommand.update, DpkgCommand.configurePending,
            DpkgCommand.policy(["git"]), DpkgCommand.show("awk"),
        ]
        let options = FakeApt.options
        #expect(
            commands.map(\.description) == [
                "apt-get \(options) \(FakeApt.keeping) install -- git nano-",
                "apt-get \(options) --no-install-recommends \(FakeApt.keeping) install -- git",
                "apt-get \(options) \(FakeApt.keeping) purge -- nano",
                "apt-get \(options) upgrade --with-new-pkgs", "apt-get --quiet -o Acquire::Retries=3 update",
                "dpkg --force-confdef --force-confold --configure -a", "apt-cache policy -- git",
                "apt-cache showpkg -- awk",
            ])
    }
}
