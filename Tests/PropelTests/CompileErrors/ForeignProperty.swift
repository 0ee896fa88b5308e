// swift-format-ignore-file
import Propel

let debian = Host("a", runs: Debian.self) {
    P<Debian>()
    P<Ubuntu>()  // expected-error {{this property is for another operating system than the one that the host runs}}
    P<UnixLike>()
    P<RaspberryPiOS>()  // expected-error {{this property is for another operating system than the one that the host runs}}
}

let ubuntu = Host("b", runs: Ubuntu.self) {
    P<DebianLike>()
    P<Debian>()  // expected-error {{this property is for another operating system than the one that the host runs}}
}

let linux = Host("c", runs: AnyLinux.self) {
    P<DebianLike>()  // expected-error {{this property is for another operating system than the one that the host runs}}
}
