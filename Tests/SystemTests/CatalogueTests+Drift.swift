import Testing
import Vocabulary

/// Manual changes that a run repairs.
extension CatalogueTests {
    struct Drift {
        /// A command for the shell.
        let change: String
        /// One that tells the state which that changes.
        let judge: String

        init(_ change: String, _ judge: String) {
            self.change = change
            self.judge = judge
        }

        /// - Parameter path: that of a file, whose content is the state.
        init(_ change: String, of path: String) { self.init(change, "cat \(path)") }
    }

    /// What somebody else has left, whose absence is declared.
    static let leftovers = """
        set -e
        printf 'kept = 1\\n# old begins\\nx\\n# old ends\\ncolour = red\\n' > /etc/old.conf
        echo 192.0.2.8 old.example.com >> /etc/hosts
        rm -f /root/.ssh/id_old*
        ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_old
        awk '{ print "old.example.com", $1, $2 }' /root/.ssh/id_old.pub >> /etc/ssh/ssh_known_hosts
        mkdir -p /srv/backups /srv/old
        touch /srv/backups/a.tar /srv/backups/kept.tar
        mount -t tmpfs tmpfs /srv/old
        echo 'tmpfs /srv/old tmpfs defaults 0 0' >> /etc/fstab
        mkdir -p /etc/cron.d
        echo '0 0 * * * root true' > /etc/cron.d/old
        for unit in old old-job; do
            printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' \
                > /etc/systemd/system/$unit.service
        done
        printf '[Timer]\\nOnCalendar=daily\\n[Install]\\nWantedBy=timers.target\\n' > /etc/systemd/system/old-job.timer
        systemctl daemon-reload
        systemctl --quiet enable --now old old-job.timer 2>&1
        useradd --create-home --uid 1500 former
        groupadd --gid 1501 former-team
        ! id media > /dev/null 2>&1 || usermod --append --groups games media
        echo 'net.ipv4.tcp_fin_timeout = 30' > /etc/sysctl.d/old.conf
        """

    /// Tells what of that is there; “nothing” otherwise.
    static let absences = """
        {
            grep -E 'old|colour' /etc/old.conf
            getent hosts old.example.com
            ls /root/.ssh/id_old* /srv/backups/a.tar /etc/cron.d/old /etc/systemd/system/old* /home/former
            ssh-keygen -F old.example.com -f /etc/ssh/ssh_known_hosts
            findmnt --noheadings /srv/old
            grep /srv/old /etc/fstab
            systemctl is-active old old-job.timer | grep -x active
            getent passwd former
            getent group former-team games | grep -E '^former|media'
            grep -r '^net.ipv4.tcp_fin_timeout' /etc/sysctl.d
        } 2> /dev/null | grep . || echo nothing
        test -e /srv/backups/kept.tar && grep -q kept /etc/old.conf
        """

    /// In groups, of which each is repaired at once.
    static func drifts(of suite: DebianRelease) -> [[Drift]] {
        [files, texts, services, system, access, [Drift(leftovers, absences)]]
            + (suite == .bookworm ? [servers] : [containers])
    }

    private static let files = [
        Drift("echo x > /etc/facts", of: "/etc/facts"), Drift("echo x > /etc/issue.net", of: "/etc/issue.net"),
        Drift("rm /etc/licence", of: "/etc/licence"),
        Drift("chmod 0600 /srv/media/new/films/a", "stat -c %a /srv/media/new/films/a"),
        Drift("chown root /srv/media/new", "stat -c %U /srv/media/new"),
        Drift("chown root: /srv/container", "stat -c %u:%g /srv/container"),
        Drift("mkdir -p /srv/media.old/new", "ls -d /srv/media.old"),
        Drift("echo >> /usr/local/bin/app", of: "/usr/local/bin/app"), Drift("rm -r /opt/app", "ls /opt/app"),
        Drift("ln -sfn /etc /srv/catalogue", "readlink /srv/catalogue"),
        Drift("setfacl --remove user:media /srv/rights", "getfacl --absolute-names /srv/rights"),
        Drift("setcap -r /usr/local/bin/nap", "getcap /usr/local/bin/nap"),
        Drift("rm /srv/skeleton/.profile; touch /srv/skeleton/x", "ls -A /srv/skeleton"),
        Drift("echo > /srv/www/sum", of: "/srv/www/sum"),
        Drift("rm /srv/www/note", "curl -sS http://127.0.0.1:8000/note"),
    ]

    private static let texts = [
        Drift("sed -i /sshd/d /etc/hosts.allow", of: "/etc/hosts.allow"),
        Drift("sed -i /node2/d /etc/hosts", "getent hosts node2"),
        Drift("sed -i /db1/d /etc/hosts", "getent hosts db1"),
        Drift("echo '192.0.2.9 old' >> /etc/hosts", "grep -w old /etc/hosts"),
        Drift(
            "sed -i 's/^MaxLevelWall.*/MaxLevelWall = emerg/' /etc/systemd/journald.conf",
            of: "/etc/systemd/journald.conf"),
        Drift("sed -i 's/^UMASK.*/UMASK 022/' /etc/login.defs", of: "/etc/login.defs"),
        Drift("sed -i 's/of a sandbox/GNU\\/Linux/' /etc/issue", of: "/etc/issue"),
        Drift("echo 'nameserver 192.0.2.1' > /etc/resolv.conf", of: "/etc/resolv.conf"),
        Drift("rm /etc/ssh/ssh_config.d/lan.conf", "ssh -G nas.example.lan | grep ^user"),
        Drift("rm /etc/logrotate.d/catalogue", of: "/etc/logrotate.d/catalogue"),
        Drift("rm /etc/udev/rules.d/99-zigbee.rules", of: "/etc/udev/rules.d/99-zigbee.rules"),
        Drift("rm /etc/systemd/network/20-inner.network", "ls /etc/systemd/network"),
    ]

    private static let services = [
        Drift("rm /etc/cron.d/tidy", of: "/etc/cron.d/tidy"),
        Drift("systemctl disable --now count.timer 2>&1", "systemctl is-active count.timer"),
        Drift("nft delete table inet propel", "nft list chain inet propel input"),
        Drift("systemctl disable propel-firewall 2>&1", "systemctl is-enabled propel-firewall"),
        Drift("rm /etc/fail2ban/jail.d/zz-propel.local", of: "/etc/fail2ban/jail.d/zz-propel.local"),
        Drift("umount /srv/shared; sed -i /shared/d /etc/fstab", "findmnt --noheadings /srv/shared"),
        Drift("loginctl disable-linger media", "ls /var/lib/systemd/linger"),
        Drift("echo >> /etc/systemd/user/catalogue.service", of: "/etc/systemd/user/catalogue.service"),
        Drift(
            "rm -r /etc/systemd/system/files.service.d; systemctl daemon-reload",
            "systemctl show files -P LimitNOFILE"),
        Drift("echo 64 > /proc/sys/net/core/somaxconn", of: "/proc/sys/net/core/somaxconn"),
    ]

    private static let system = [
        Drift("rm /etc/apt/preferences.d/*", "apt-cache policy snapd"),
        Drift("rm /etc/apt/apt.conf.d/98propel-retries", "apt-config dump Acquire::Retries"),
        Drift(
            "dpkg-divert --quiet --rename --remove /etc/cron.daily/dpkg",
            "dpkg-divert --truename /etc/cron.daily/dpkg"),
        Drift("dpkg --remove-architecture i386", "dpkg --print-foreign-architectures"),
        Drift("touch /var/cache/apt/archives/old_1_all.deb", "ls /var/cache/apt/archives"),
        Drift("apt-mark --quiet unhold vnstat", "apt-mark showhold"),
        Drift("update-alternatives --quiet --auto awk", "update-alternatives --query awk | grep ^Status"),
        Drift("echo man-db man-db/auto-update boolean true | debconf-set-selections", "debconf-show man-db"),
        Drift("gpasswd --delete media editors", "id -nG media"),
    ]

    private static let access = [
        Drift("rm /etc/ssh/sshd_config.d/*.conf", "sshd -T | grep maxauthtries"),
        Drift("nft insert rule inet propel input tcp dport 81 accept", "nft list chain inet propel input"),
        Drift("rm /etc/ssh/ssh_known_hosts", "ssh-keygen -l -f /etc/ssh/ssh_known_hosts"),
        Drift("echo '# x' >> /etc/sudoers.d/catalogue", of: "/etc/sudoers.d/catalogue"),
        Drift("rm ~media/.ssh/id_ed25519.pub", of: "~media/.ssh/id_ed25519.pub"),
    ]

    private static let servers = [
        Drift("printf '[other]\\npath = /\\n' >> /etc/samba/smb.conf", "testparm --suppress-prompt 2> /dev/null"),
        Drift(
            "smbpasswd -d media; printf 'a\\na\\n' | smbpasswd -s -a sync",
            "pdbedit --list --smbpasswd-style | cut -d: -f1,4,5"),
        Drift("a2dismod --quiet --force rewrite", "a2query -m rewrite"),
        Drift("a2dissite --quiet catalogue", "a2query -s catalogue"),
        Drift("a2enconf --quiet serve-cgi-bin", "a2query -c serve-cgi-bin"),
    ]

    // podman warns on its standard error of old control groups, with the time.
    private static let containers = [
        Drift("systemctl stop app; rm /etc/containers/systemd/app.container", "systemctl is-active app"),
        Drift(
            "podman network rm front; podman network create old-front",
            "podman network ls --format '{{.Name}}' 2> /dev/null"),
        Drift(
            "podman secret rm app-password; printf x | podman secret create old-password -",
            "podman secret ls --format '{{.Name}}' 2> /dev/null"),
        Drift(
            "podman tag localhost:5000/app:1 localhost/old:1; podman image rm localhost:5000/app:1",
            "podman image ls --format '{{.Repository}}:{{.Tag}}' 2> /dev/null | grep -E 'app|old'"),
    ]
}
