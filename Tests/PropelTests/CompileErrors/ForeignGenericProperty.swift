// swift-format-ignore-file
import Propel

let debian = Host("a", runs: Debian.self) {
    Generic<DebianLike, Int>(value: 1)
    Generic<Ubuntu, [String]>(value: ["x"])  // expected-error {{this property is for another operating system than the one that the host runs}}
    Generic<Ubuntu, [String]>(value: ["x"]).named("renamed")  // expected-error {{this property is for another operating system than the one that the host runs}}
}

/// A property for any system works for every system.
func anywhere<System: Platform>(_ system: System.Type) -> Host {
    Host("b", runs: system) {
        P<System>()
        P<System.Family>()
        P<Debian>()  // expected-error {{this property is for another operating system than the one that the host runs}}
    }
}
