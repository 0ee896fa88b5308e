import PropelTesting
import Properties

/// The programs that change users and groups, as far as these tests need them: they edit the files of the machine in
/// memory as the real ones do.
func plantAccountPrograms(_ fake: FakeMachine) {
    let files = fake.files
    files.put("/bin/bash", "")
    files.put("/bin/zsh", "")

    @Sendable func edit(_ path: FilePath, _ name: String, _ change: (inout [String]) -> Void) {
        let lines = (files.text(at: path) ?? "").split(separator: "\n").map { line in
            var fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            if fields[0] == name { change(&fields) }
            return fields.joined(separator: ":") + "\n"
        }
        files.put(path, lines.joined(), mode: files[path]?.status.mode ?? 0o644)
    }
    @Sendable func append(_ path: FilePath, _ line: String) {
        files.put(path, (files.text(at: path) ?? "") + line + "\n", mode: files[path]?.status.mode ?? 0o644)
    }
    @Sendable func remove(_ path: FilePath, _ name: String) {
        let lines = (files.text(at: path) ?? "").split(separator: "\n").filter { !$0.hasPrefix(name + ":") }
        files.put(path, lines.map { $0 + "\n" }.joined(), mode: files[path]?.status.mode ?? 0o644)
    }
    @Sendable func value(_ option: String, _ command: Invocation) -> String? {
        command.arguments.firstIndex(of: option).map { command.arguments[$0 + 1] }
    }
    @Sendable func groupID(_ name: String) -> String? {
        Accounts(passwd: "", group: files.text(at: "/etc/group") ?? "").group(name).map { "\($0.id)" }
    }
    @Sendable func join(_ name: String, _ groups: String) {
        for group in groups.split(separator: ",") {
            edit("/etc/group", String(group)) { fields in
                let members = fields[3].split(separator: ",").map(String.init)
                if !members.contains(name) { fields[3] = (members + [name]).joined(separator: ",") }
            }
        }
    }

    fake.commands.program("useradd") { command in
        let name = command.arguments.last ?? "", id = value("--uid", command) ?? "1001"
        if command.arguments.contains("--user-group") {
            guard groupID(name) == nil else {
                return .failing(
                    9, "useradd: group \(name) exists - if you want to add this user to that group, use -g.")
            }
            append("/etc/group", "\(name):x:\(id):")
        }
        let group = value("--gid", command).flatMap(groupID) ?? id
        let home = value("--home-dir", command) ?? "/home/\(name)"
        append(
            "/etc/passwd",
            "\(name):x:\(id):\(group):\(value("--comment", command) ?? ""):\(home):\(value("--shell", command) ?? "/bin/sh")"
        )
        append("/etc/shadow", "\(name):!:20000:0:99999:7:::")
        join(name, value("--groups", command) ?? "")
        if command.arguments.contains("--create-home") {
            files.put(
                directory: FilePath(home), mode: 0o700, owner: Owner(user: UInt32(id) ?? 0, group: UInt32(group) ?? 0))
        }
        return .printing()
    }
    fake.commands.program("usermod") { command in
        let name = command.arguments.last ?? ""
        if let groups = value("--groups", command) {
            if !command.arguments.contains("--append") {
                for group in Accounts(passwd: "", group: files.text(at: "/etc/group") ?? "").groups {
                    edit("/etc/group", group.name) {
                        $0[3] = group.members.filter { $0 != name }.joined(separator: ",")
                    }
                }
            }
            join(name, groups)
        }
        edit("/etc/passwd", name) { fields in
            if let group = value("--gid", command).flatMap(groupID) { fields[3] = group }
            if let comment = value("--comment", command) { fields[4] = comment }
            if let shell = value("--shell", command) { fields[6] = shell }
            if let home = value("--home", command) {
                if files[FilePath(fields[5])] != nil { try? files.rename(FilePath(fields[5]), to: FilePath(home)) }
                fields[5] = home
            }
        }
        if let date = value("--expiredate", command) {
            // The days that shadow(5) counts.
            edit("/etc/shadow", name) { $0[7] = ["2027-12-31": "21183", "2028-02-29": "21243"][date] ?? "" }
        }
        if command.arguments.contains("--lock") { edit("/etc/shadow", name) { $0[1] = "!" + $0[1] } }
        return .printing()
    }
    fake.commands.program("userdel") { command in
        let name = command.arguments.last ?? ""
        let id = Accounts(passwd: files.text(at: "/etc/passwd") ?? "", group: "").user(name)?.id
        if let id, files["/run/systemd/users/\(id)"] != nil {
            return .failing(8, "userdel: user \(name) is currently used by process 1234\n")
        }
        for path: FilePath in ["/etc/passwd", "/etc/shadow", "/etc/group"] { remove(path, name) }
        if command.arguments.contains("--remove") { try files.remove(FilePath("/home/\(name)")) }
        return .printing()
    }
    fake.commands.program("gpasswd") { command in
        let name = command.arguments[1], group = command.arguments[2]
        guard command.arguments[0] == "--delete" else {
            join(name, group)
            return .printing()
        }
        edit("/etc/group", group) { fields in
            fields[3] = fields[3].split(separator: ",").filter { $0 != name }.joined(separator: ",")
        }
        return .printing()
    }
    fake.commands.program("groupadd") { command in
        append("/etc/group", "\(command.arguments.last ?? ""):x:\(value("--gid", command) ?? "1001"):")
        return .printing()
    }
    fake.commands.program("groupdel") { command in
        remove("/etc/group", command.arguments.last ?? "")
        return .printing()
    }
    fake.commands.program("chpasswd") { command in
        let line = String(decoding: command.input, as: UTF8.self).split(separator: "\n")[0].split(
            separator: ":", maxSplits: 1)
        // What the real one hashes has a salt, so the same password never becomes the same hash.
        let isHash = command.arguments.contains("--encrypted")
        edit("/etc/shadow", String(line[0])) {
            $0[1] = isHash ? String(line[1]) : "$y$j9T$\(UInt64.random(in: 0 ... .max))$\(line[1].count)"
        }
        return .printing()
    }
    fake.commands.program("mkhomedir_helper") { command in
        files.put(
            directory: FilePath("/home/\(command.arguments[0])"), mode: 0o700, owner: Owner(user: 1000, group: 1000))
        return .printing()
    }
    fake.commands.program("loginctl") { command in
        let path = FilePath("/var/lib/systemd/linger/\(command.arguments[1])")
        switch command.arguments[0] {
        case "enable-linger": files.put(path, "")
        case "disable-linger": try files.remove(path)
        default:
            let id =
                Accounts(passwd: files.text(at: "/etc/passwd") ?? "", group: "").user(command.arguments[1])?.id ?? 0
            // The service manager of a user who lingers is started again.
            if files[path] == nil { try files.remove("/run/systemd/users/\(id)") }
        }
        return .printing()
    }
}
