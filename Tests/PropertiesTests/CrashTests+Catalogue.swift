import PropelTesting
import Properties

extension CrashTests {
    private static let parameter = Grub.KernelParameter("mitigations", "off")
    private static let rotation = Logrotate("app", "/var/log/app.log")
    private static let tmpfiles = Tmpfiles("app", "d /run/app")
    private static let unset = Sysctl.Absent("vm.swappiness")
    private static let userUnit = UserUnit("sync", "[Service]\nExecStart=/bin/true\n")
    private static let rules = Sudoers.Text("ops", "Defaults timestamp_timeout=15")
    private static let file = SymbolicLink("/srv/file", to: "elsewhere", replacesFile: true)
    private static let owned = SymbolicLink("/srv/link", to: "data", owner: "pi")
    private static let editor = Alternative("editor", "/usr/bin/vim.basic")
    private static let keys = AuthorizedKeys(
        of: "pi", text: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMqUPVs1oiMglLs1tz7O9GeF05wWwk9Fv33DvNZ1AHR1\n",
        in: "/etc/ssh/keys/pi")

    /// Properties whose files are judged by programs, or that replace what others have made.
    static let catalogueLives: [Life] = [
        Life("a parameter of GRUB", [host { parameter }, host { parameter.reverted() }]) { fake in
            fake.files.put("/etc/default/grub", "")
            fake.commands.program("update-grub")
        },
        Life(
            "files that programs judge",
            [
                host {
                    rotation
                    tmpfiles
                    rules
                    userUnit
                },
                host {
                    rotation.reverted()
                    tmpfiles.reverted()
                    rules.reverted()
                    userUnit.reverted()
                },
            ]
        ) { fake in
            fake.hasInstalled("logrotate", "sudo")
            for program in ["logrotate", "systemd-tmpfiles", "visudo", "systemd-analyze"] {
                fake.commands.program(program)
            }
            for directory: FilePath in ["/etc/logrotate.d", "/etc/sudoers.d", "/etc/systemd"] {
                fake.files.put(directory: directory)
            }
            fake.files.put("/etc/sudoers", "@includedir /etc/sudoers.d\n")
        },
        Life("a parameter that no file sets", [host { unset }, host { unset.reverted() }]) { fake in
            fake.files.put("/etc/sysctl.conf", "# mine\nvm.swappiness = 5\n")
            fake.files.put("/etc/sysctl.d/10-a.conf", "vm.swappiness = 5\n")
        },
        Life(
            "links with owners, and in place of files",
            [
                host {
                    file
                    owned
                },
                host {
                    file.reverted()
                    owned.reverted()
                },
            ]
        ) { $0.files.put("/srv/file", "mine\n", mode: 0o600, owner: Owner(user: 1000, group: 1000)) },
        Life("an alternative", [host { editor }, host { editor.reverted() }]) { fake in
            fake.files.put("/etc/alternatives/editor", linkTo: "/bin/nano")
            let record: FilePath = "/var/lib/dpkg/alternatives/editor"
            let rest = "\n/usr/bin/editor\n\n/bin/nano\n40\n/usr/bin/vim.basic\n30\n\n"
            fake.files.put(record, "auto" + rest)
            fake.commands.program("update-alternatives") { command in
                let isAutomatic = command.arguments[0] == "--auto"
                fake.files.put(record, (isAutomatic ? "auto" : "manual") + rest)
                fake.files.put("/etc/alternatives/editor", linkTo: isAutomatic ? "/bin/nano" : "/usr/bin/vim.basic")
                return .printing()
            }
        },
        Life("keys in a file of root", [host { keys }, host { keys.reverted() }]) { fake in
            fake.files.put("/etc/ssh/keys/pi", "# mine\n", mode: 0o600)
        },
    ]
}
