#if canImport(Glibc)
import Glibc
#else
import Musl
#endif
import Hosts
import Propel

@main
struct Enforce {
    static func main() async {
        exit(await EnforcerProgram(fleet: fleet).run(arguments: Array(CommandLine.arguments.dropFirst())))
    }
}
