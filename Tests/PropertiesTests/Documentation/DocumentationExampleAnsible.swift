import Properties

// The Swift of docs/coming-from-ansible.md. DocumentationTests holds the page to it.

private let key = """
    -----BEGIN PGP PUBLIC KEY BLOCK-----
    mDMEZx…
    -----END PGP PUBLIC KEY BLOCK-----
    """

let ansibleFiles = Role("files", runs: Debian.self) { host in
    File("/etc/motd", "This is \(host.name).\n")
    File("/usr/local/bin/backup", from: "files/backup.sh")
    File("/etc/site.conf", Template("files/site.conf", ["domain": "example.com"]))
    Directory("/etc/app/conf.d", from: "files/conf.d", purge: true)
    File("/etc/app.conf", "user=app\npassword=\(Secret("db-password"))\n", mode: 0o640, group: "app")
    File("/etc/app/local.conf", "# yours\n", seed: true)
    File("/etc/app/rules.conf", "allow all\n").keepingVersions()
    Directory("/srv/app/data", mode: 0o750, owner: "app", parents: true)
    SymbolicLink("/srv/app/current", to: "/srv/app/1.4")
    File.Absent("/etc/apt/sources.list.d/docker.list")
    Directory.FilesAbsent("/etc/apt/sources.list.d", matching: "*docker*.list")
    Directory.Absent("/opt/old-app", recursive: true)
    Permissions(of: "/srv/media", recursive: true, files: 0o664, directories: 0o2775, owner: "media")
    ACL(on: "/srv/media", .user("anna", "rwx"), inherited: [.user("anna", "rwx")])
    FileCapabilities("/usr/local/bin/caddy", "cap_net_bind_service")
    Copied(from: "/usr/share/doc/app/app.conf.example", to: "/etc/app/example.conf")
    Copied(joining: ["/etc/ssl/app.crt", "/etc/ssl/private/app.key"], to: "/etc/haproxy/app.pem", mode: 0o600)
    Setting("/etc/default/grub", "GRUB_TIMEOUT", "2", syntax: .shell).onChange(Grub.Update())
    Setting("/etc/php/8.2/fpm/php.ini", "memory_limit", "512M", syntax: .ini(section: "PHP"))
    Setting("/etc/app.env", "DB_PASSWORD", "\(Secret("db-password"))", syntax: .shell)
    Line("/etc/modules", "i2c-dev", createsFile: true)
    Line("/root/.profile", "export EDITOR=vim", replacing: "export EDITOR=")
    Line.Absent("/etc/hosts", "192.0.2.7 old.example.com")
    Replaced("/etc/app/config.xml", "<theme>default</theme>", with: "<theme>dark</theme>")
    Substituted("/etc/app/config.xml", "<port>[0-9]+</port>", with: "<port>8080</port>")
    Block("/etc/rsyncd.conf", "photos", "[photos]\npath = /srv/photos\n")
    Block.Absent("/etc/rc.local", from: "# BEGIN ANSIBLE MANAGED BLOCK", to: "# END ANSIBLE MANAGED BLOCK")
    Mount("/srv/nas", from: "nas.example.com:/export", type: "nfs", automount: true)
    NFSExport("media", "/srv/media", to: ["10.0.0.0/24": ["rw", "no_subtree_check"]])
    Samba(.init("media", at: "/srv/media", users: ["anna"], isWritable: true), settings: ["workgroup": "HOME"])
    Samba.User("anna", password: Secret("anna-smb"))
    LVM.VolumeGroup("data", on: ["/dev/disk/by-id/virtio-data"])
    LVM.LogicalVolume("media", in: "data", size: "200 GiB")
    Formatted("/dev/data/media", .ext4, label: "media")
    ZFS.Dataset("tank/photos", ["mountpoint": "/srv/photos", "compression": "zstd", "quota": "2T"])
}

let ansiblePackages = Role("packages", runs: Debian.self) { _ in
    Apt.Installed("git", "curl")
    Apt.Installed("nginx", version: "1.22.*")
    Apt.Latest("docker-ce", "docker-ce-cli")
    Apt.Absent("telnet", purge: true)
    Apt.Upgrade(full: true, autoremove: true).periodically(every: .days(30))
    Apt.Package("tool", "https://example.com/tool_1.4_amd64.deb", sha256: "9f86d0…")
    Apt.Repository(
        "docker", uri: "https://download.docker.com/linux/debian", suites: ["\(Fact.codename)"],
        components: ["stable"], key: key)
    Apt.Hold("postgresql-15")
    Apt.CacheCleaned()
    Apt.Configuration("proxy", ["Acquire::http::Proxy": "http://10.0.0.2:3142"])
    Apt.Diversion(of: "/etc/cron.daily/man-db")
    Apt.Debconf("postfix", "postfix/main_mailer_type", .select, "Satellite system")
    Download("https://example.com/tool-1.4", sha256: "9f86d0…", to: "/usr/local/bin/tool", mode: 0o755)
    Download(
        "https://example.com/helm-3.16.tar.gz", sha256: "9f86d0…", to: "/usr/local/bin/helm",
        member: "linux-amd64/helm", mode: 0o755)
    Unpacked("https://example.com/app-2.1.tar.gz", sha256: "9f86d0…", to: "/opt/app", strip: 1)
    GitCheckout("https://github.com/example/app.git", to: "/srv/app", at: .tag("v1.4"), owner: "app")
    Python.Venv("/srv/app/venv", packages: ["gunicorn==21.2.0", "flask>=3"], owner: "app")
    Python.Venv.Upgrade("/srv/app/venv", owner: "app").periodically(every: .days(7))
    Npm.Global("pm2", version: "5.3.0")
    Snap("certbot", classic: true)
    Alternative("editor", "/usr/bin/vim.basic").requires(Apt.Installed("vim"))
}

let ansibleServices = Role("services", runs: Debian.self) { _ in
    Service("ssh")
    Service("bluetooth", isRunning: false, isEnabled: false)
    Service.Masked("apt-daily.timer")
    SystemdUnit.Absent("old-app")
    SystemdService("app", "[Service]\nExecStart=/srv/app/run\n\n[Install]\nWantedBy=multi-user.target\n")
    File("/etc/app/log.conf", "level=info\n").onChange(Service.Restart("app"))
    File("/etc/docker/daemon.json", "{}\n").onChangeNow(Service.Restart("docker"))
    Cron("backup", "30 3 * * *", "/usr/local/bin/backup", user: "app")
    Timer("report", onCalendar: "Mon 06:00", "/usr/local/bin/report", user: "app")
    Logrotate("app", "/var/log/app/*.log", every: .day, keep: 14)
    UdevRules("99-zigbee", #"SUBSYSTEM=="tty", ATTRS{idVendor}=="10c4", SYMLINK+="zigbee""#)
    Apt.Upgrade().periodically(every: .days(7)).onChange(Reboot())
}

let ansibleUsers = Role("users", runs: Debian.self) { _ in
    User("anna", groups: ["sudo"], shell: "/bin/bash", password: .secret(Secret("anna-password")))
    User("app", home: "/srv/app", isSystem: true)
    User.Absent("bob")
    Group("media", id: 1500)
    AuthorizedKeys(of: "anna", ["ssh-ed25519 AAAA… anna@laptop"], exclusive: true)
    KnownHosts("git.example.com", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAevSeHhU6D3j0OP71ws3xq1wRSDRdhO/JlAFde8Mim0")
    SSHKey(of: "deploy")
    SSHHost("github", "github.com", ["IdentityFile": "~/.ssh/id_github"], of: "deploy")
    Sudoers("deploy", .user("deploy"), commands: ["/usr/bin/systemctl restart app"], withoutPassword: true)
}

let ansibleSystem = Role("system", runs: Debian.self) { host in
    Hostname(host.name)
    Timezone("Europe/Berlin")
    Locale.Available("en_GB.UTF-8", "de_DE.UTF-8")
    Sysctl("net.ipv4.ip_forward", "1")
    KernelModule("i2c-dev")
    HostsFile("10.0.0.5", "db1.example.com", "db1")
    NetworkInterface("eth0", .static(["10.0.0.7/24"], gateways: ["10.0.0.1"]), nameservers: ["10.0.0.1"])
    NetworkFile(.networkd, "10-lan.link", "[Match]\nMACAddress=52:54:00:12:34:56\n\n[Link]\nName=lan0\n")
    Firewall(.allow(80, 443), .limit(22))
    Sshd(.passwordAuthentication(false), .permitRootLogin(.prohibitPassword))
    TLS.PrivateKey("/etc/ssl/private/app.key")
    TLS.Certificate("intranet", names: ["intranet.example.com"], signedBy: .itself)
    Nginx.Site("shop", names: ["shop.example.com"], proxyTo: 8080, tls: .acme(email: "anna@example.com"))
    Apache.Module("rewrite", "proxy_http")
    Resolved(servers: "9.9.9.9#dns.quad9.net", dnsOverTLS: .yes)
    ResolvConf("10.0.0.1", search: ["example.lan"])
}

let ansibleData = Role("data", runs: Debian.self) { _ in
    Docker.Engine()
    Docker.Image(pulled: "postgres:15")
    Docker.Network("front")
    Docker.Volume("media")
    Docker.RegistryLogin("ghcr.io", user: "anna", password: "\(Secret("ghcr-token"))")
    Stack("shop") {
        Container("app", image: "shop/app", tag: "v1") { Publish(8080, to: 80, on: "127.0.0.1") }
    }
    Podman.Image("ghcr.io/example/app:1.4")
    Podman.Secret("db-password", Secret("app-db-password"))
    Podman.Quadlet("app.container", "[Container]\nImage=ghcr.io/example/app:1.4\nSecret=db-password\n")
        .onChange(Service.Restart("app"))
    Postgres.Database("shop", owner: "shop")
    Postgres.Role("shop", password: Secret("shop-db-password"))
    MariaDB.Database("wiki")
    MariaDB.User("wiki", password: Secret("wiki-db-password"))
    MariaDB.Database.Absent("old-wiki")
}

let ansibleCommands = Role("commands", runs: Debian.self) { _ in
    Command("make install", creates: "/usr/local/bin/tool-1.4", directory: "/usr/src/tool-1.4")
    Command("occ maintenance:install", unless: "occ status | grep -q 'installed: true'", user: "www-data")
    Command("ceph config set mgr mgr/prometheus/server_port 9283", .once)
    File("/etc/aliases", "root: anna\n").onChange(Command.Run("newaliases"))
    Printed("/usr/share/bash-completion/completions/helm", by: "helm completion bash", from: "/usr/local/bin/helm")
    HTTPRequest(
        "user anna of the wiki", .post, "http://127.0.0.1:3000/api/users", fields: ["name": "anna"],
        expecting: [201], unless: .answers("http://127.0.0.1:3000/api/users/anna"))
    Awaited("the database answers", .port(5432))
    Expect("the page answers", .http("https://shop.example.com/", at: "127.0.0.1"))
    Expect("mail is accepted", .port(25))
}
