import Propel

let unix = Host("a", runs: UnixLike.self) {
    WhenOS(Debian.self) {
        P<DebianLike>()
        P<Ubuntu>()  // expected-error {{this property is for another operating system than the one that the host runs}}
    }
    WhenOS(Ubuntu.self, release: 24) { P<Ubuntu>() }
}
