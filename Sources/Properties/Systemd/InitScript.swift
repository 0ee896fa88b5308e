/// A service that has only a script in `/etc/init.d`. systemd generates a unit for it, and `systemctl enable` and
/// `disable` make and remove the links that start it at boot (systemd-sysv-generator(8), update-rc.d(8)).
struct InitScript {
    /// The name of the script.
    let name: String

    /// - Parameter unit: the name of the generated unit.
    init(of unit: String) { name = unit.hasSuffix(".service") ? String(unit.dropLast(".service".count)) : unit }

    /// Whether a link starts it; nil if there is no such script, so that another generator made the unit.
    func startsAtBoot(_ machine: Machine) throws -> Bool? {
        guard FilePath.Component(name) != nil,
            try machine.files.status(of: FilePath("/etc/init.d").appending(name)) != nil
        else { return nil }
        for level in 2...5 {
            let directory = FilePath("/etc/rc\(level).d")
            guard try machine.files.status(of: directory) != nil else { continue }
            // S01NAME
            if try machine.files.list(directory).contains(where: {
                $0.hasPrefix("S") && $0.dropFirst().prefix(2).allSatisfy(\.isNumber) && $0.dropFirst(3) == name[...]
            }) {
                return true
            }
        }
        return false
    }
}
