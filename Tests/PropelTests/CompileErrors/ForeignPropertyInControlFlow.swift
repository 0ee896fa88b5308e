// swift-format-ignore-file
import Propel

func host(_ flag: Bool, _ names: [String]) -> Host {
    Host("a", runs: Debian.self) {
        if flag {
            P<Ubuntu>()  // expected-error {{this property is for another operating system than the one that the host runs}}
        } else {
            P<Debian>()
        }
        if !flag {
            P<Debian>()
        } else {
            P<Ubuntu>()  // expected-error {{this property is for another operating system than the one that the host runs}}
        }
        for _ in names {
            P<AnyLinux>()
            P<Ubuntu>()  // expected-error {{this property is for another operating system than the one that the host runs}}
        }
        switch names.count {
        case 0: P<UnixLike>()
        default: P<Ubuntu>()  // expected-error {{this property is for another operating system than the one that the host runs}}
        }
    }
}
