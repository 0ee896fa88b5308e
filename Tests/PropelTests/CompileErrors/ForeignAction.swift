// swift-format-ignore-file
import Propel

let debian = Host("a", runs: Debian.self) {
    P<Debian>().onChange(A<Debian>())
    P<Debian>().onChange(A<UnixLike>())
    P<UnixLike>().onChange(A<AnyLinux>())
    P<UnixLike>().onChange(A<Debian>())
    P<Debian>().onChange(A<Ubuntu>())  // expected-error {{this action is for another operating system than what sets it off}}
    P<UnixLike>().onChange(A<Ubuntu>())  // expected-error {{this property is for another operating system than the one that the host runs}}
    P<UnixLike>().requires(P<AnyLinux>()).onChange(A<DebianLike>())
    P<UnixLike>().named("x").onChange(A<AnyLinux>()).onChange(A<Ubuntu>())  // expected-error {{this property is for another operating system than the one that the host runs}}
    P<Debian>().onChange(P<Debian>())  // expected-error {{give an action, such as Service.Restart(…), and not a property}}
    A<Ubuntu>().periodically(every: .days(1))  // expected-error {{this property is for another operating system than the one that the host runs}}
}
