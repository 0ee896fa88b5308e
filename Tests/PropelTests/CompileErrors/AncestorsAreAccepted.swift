import Propel

let pi = Host("a", runs: RaspberryPiOS.self) {
    P<RaspberryPiOS>()
    P<Debian>()
    P<DebianLike>()
    P<AnyLinux>()
    P<UnixLike>()
    A<DebianLike>().periodically(every: .days(1))
}

let debian = Host("b", runs: Debian.self) {
    P<Debian>()
    P<DebianLike>()
    P<AnyLinux>()
    P<UnixLike>()
}

let ubuntu = Host("c", runs: Ubuntu.self) {
    P<Ubuntu>()
    P<DebianLike>()
    P<AnyLinux>()
    P<UnixLike>()
}
