// swift-format-ignore-file
import Propel

let debian = Host("a", runs: Debian.self) {
    P<Debian>().requires(P<UnixLike>())
    P<DebianLike>().requires(P<UnixLike>())
    P<Debian>().requires(P<Debian>())
    P<Debian>().requires(P<Ubuntu>())  // expected-error {{this requirement is for another operating system than what requires it}}
    P<Debian>().requires {
        P<AnyLinux>()
        P<Ubuntu>()  // expected-error {{this property is for another operating system than the one that the host runs}}
    }
}

// What requires something narrower is itself for the narrower system.
let narrowed = Host("b", runs: Debian.self) {
    P<UnixLike>().requires(P<AnyLinux>())
    P<UnixLike>().requires(P<DebianLike>())
    P<UnixLike>().requires(P<Debian>())
    P<UnixLike>().requires(P<Ubuntu>())  // expected-error {{this property is for another operating system than the one that the host runs}}
    P<UnixLike>().requires(P<AnyLinux>()).requires(P<DebianLike>()).requires(P<UnixLike>())
    P<UnixLike>().requires(P<AnyLinux>()).requires(P<Ubuntu>())  // expected-error {{this property is for another operating system than the one that the host runs}}
}

let pi = Host("c", runs: RaspberryPiOS.self) {
    P<UnixLike>().requires(P<RaspberryPiOS>())
    P<RaspberryPiOS>().requires(P<UnixLike>())
}
