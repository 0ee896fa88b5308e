// swift-format-ignore-file
import Propel

let debian = Host("a", runs: Debian.self) {
    P<Debian>().onChangeNow(A<Debian>())
    P<Debian>().onChangeNow(A<UnixLike>())
    P<UnixLike>().onChangeNow(A<AnyLinux>())
    P<UnixLike>().onChangeNow(A<Debian>())
    P<Debian>().onChangeNow(A<Ubuntu>())  // expected-error {{this action is for another operating system than what sets it off}}
    P<UnixLike>().onChangeNow(A<Ubuntu>())  // expected-error {{this property is for another operating system than the one that the host runs}}
    P<UnixLike>().requires(P<AnyLinux>()).onChangeNow(A<DebianLike>())
    P<UnixLike>().named("x").onChange(A<AnyLinux>()).onChangeNow(A<Ubuntu>())  // expected-error {{this property is for another operating system than the one that the host runs}}
    P<Debian>().onChangeNow(P<Debian>())  // expected-error {{give an action, such as Service.Restart(…), and not a property}}
}
