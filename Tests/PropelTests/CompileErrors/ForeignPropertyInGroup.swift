// swift-format-ignore-file
import Propel

let group = PropertyGroup("web", for: Debian.self) {
    P<DebianLike>()
    P<Ubuntu>()  // expected-error {{this property is for another operating system than the one that the host runs}}
}

let debian = Host("a", runs: Debian.self) {
    PropertyGroup("inferred") {
        P<Debian>()
        P<Ubuntu>()  // expected-error {{this property is for another operating system than the one that the host runs}}
    }
    group
    PropertyGroup("foreign", for: Ubuntu.self) { P<Ubuntu>() }  // expected-error {{this property is for another operating system than the one that the host runs}}
}

struct WebServer: CompositeProperty {
    typealias Target = DebianLike
    var name: String { "web server" }
    var body: [Declaration] {
        P<AnyLinux>()
        P<Debian>()  // expected-error {{this property is for another operating system than the one that the host runs}}
    }
}

let role = Role("web", runs: Ubuntu.self) { entry in
    WebServer()
    P<Debian>()  // expected-error {{this property is for another operating system than the one that the host runs}}
}
