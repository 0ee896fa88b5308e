import Testing
import Vocabulary

/// What programs that others wrote tell of the machine after the first run.
extension CatalogueTests {
    func expectOtherToolsAgree(_ machine: TestMachine, _ suite: DebianRelease) async throws {
        let name = try await machine.ssh("hostname"), architecture = try await machine.ssh("dpkg --print-architecture")
        #expect(
            try await machine.ssh("cat /etc/facts")
                == "\(suite.rawValue) \(try await machine.ssh("uname -m")) \(architecture) \(name)")
        #expect(try await machine.ssh("cat /etc/release-notes") == (suite == .bookworm ? "12" : "later"))
        #expect(
            try await machine.ssh("stat -c '%a %U:%G' /srv/media/new/films/a /srv/media/new /srv/container")
                == "664 media:media\n2775 media:media\n750 UNKNOWN:UNKNOWN")
        #expect(try await machine.ssh("ls -d /srv/media.old /etc/never /etc/issue.net 2>/dev/null; true") == "")
        #expect(try await machine.ssh("getent hosts node2").contains("192.0.2.2"))
        #expect(try await machine.ssh("app; /opt/app/bin/app") == "app 2.1\napp 2.1")
        #expect(try await machine.ssh("git -C /srv/release describe --tags") == "v1")
        #expect(
            try await machine.ssh("sshd -T | grep -iE '^(x11forwarding|maxauthtries)' | sort")
                == "maxauthtries 5\nx11forwarding no")
        try await machine.ssh("set -e; sshd -t; nft --check --file /etc/propel/firewall.nft; fail2ban-client -t")
        #expect(try await machine.ssh("nft list chain inet propel input | grep -c 'policy drop'") == "1")
        #expect(try await machine.ssh("fail2ban-client status sshd | grep -c 'Journal matches'") == "1")
        #expect(
            try await machine.ssh("getent hosts db1; ssh-keygen -F git.example.com -f /etc/ssh/ssh_known_hosts | wc -l")
                == "192.0.2.5       db1.example.com db1\n2")
        try await machine.ssh(
            "set -e; findmnt --verify; findmnt /srv/shared; findmnt /srv/films; systemctl is-active count.timer files")
        try await machine.ssh(
            "systemd-analyze verify /etc/systemd/system/count.timer /etc/systemd/system/count.service")
        #expect(try await machine.ssh("apt-cache policy snapd | grep Candidate") == "  Candidate: (none)")
        #expect(try await machine.ssh("dpkg --audit") == "")
        #expect(try await machine.ssh("find / -xdev -name '.*.propel' | wc -l") == "0")
        try await expectTheSystemAgrees(machine)
        try await expectRightsAndTheNetworkAgree(machine)
        if suite == .bookworm {
            try await expectTheServersAgree(machine)
        } else {
            try await expectTheContainersAgree(machine)
        }
    }

    private func expectTheSystemAgrees(_ machine: TestMachine) async throws {
        #expect(
            try await machine.ssh("apt-mark showhold; ls /usr/sbin/policy-rc.d 2>&1 | grep -c 'No such'") == "vnstat\n1"
        )
        #expect(try await machine.ssh("journalctl --quiet --unit=vnstat | wc -l") == "0")
        #expect(try await machine.ssh("update-alternatives --query awk | grep ^Status") == "Status: manual")
        try await machine.ssh("set -e; visudo --check; logrotate --debug /etc/logrotate.d/catalogue")
        #expect(
            try await machine.ssh("stat -c '%a %U' /run/catalogue; stat -c %U /srv/catalogue") == "750 media\nmedia")
        let user = "runuser -u media -- env XDG_RUNTIME_DIR=/run/user/$(id -u media)"
        #expect(
            try await machine.ssh("\(user) systemctl --user is-active catalogue; loginctl show-user media -P Linger")
                == "active\nyes")
        #expect(try await machine.ssh("stat -c '%a %U' ~media/.ssh/id_ed25519") == "600 media")
        try await machine.ssh("set -e; ssh-keygen -l -f ~media/.ssh/id_ed25519.pub; /srv/venv/bin/pip --version")
    }

    private func expectRightsAndTheNetworkAgree(_ machine: TestMachine) async throws {
        #expect(
            try await machine.ssh("getfacl --absolute-names --omit-header /srv/rights | grep -E ':[a-z]+:[r-]'")
                == "user:media:rwx\ngroup:games:r-x\ndefault:user:media:rw-")
        try await machine.ssh(
            "set -e; runuser -u media -- touch /srv/rights/a; getfacl -p /srv/rights/a | grep media:rw-")
        #expect(
            try await machine.ssh("getcap /usr/local/bin/nap")
                == "/usr/local/bin/nap cap_net_bind_service,cap_net_raw=ep")
        #expect(try await machine.ssh("id -nG media; getent group editors") == "media editors\neditors:x:4711:media")
        #expect(try await machine.ssh("diff -r /etc/skel /srv/skeleton; stat -c %U /srv/skeleton/.profile") == "media")
        #expect(try await machine.ssh("apt-config dump Acquire::Retries") == "Acquire::Retries \"7\";")
        #expect(
            try await machine.ssh("dpkg-divert --truename /etc/cron.daily/dpkg; dpkg --print-foreign-architectures")
                == "/etc/cron.daily/dpkg.distrib\ni386")
        #expect(try await machine.ssh("ls /var/cache/apt/archives") == "lock\npartial")
        #expect(
            try await machine.ssh("ssh -G nas.example.lan | grep -E '^(user|port) ' | sort") == "port 2222\nuser admin")
        #expect(
            try await machine.ssh("networkctl status host0 | grep -c 'Network File: .*05-propel-host0.network'") == "1")
        try await eventually("the bridge has its address") {
            try await machine.ssh("ip -4 -brief address show dev inner0").contains("192.0.2.77/24")
        }
        #expect(
            try await machine.ssh("cat /proc/sys/net/core/somaxconn; systemctl show files -P LimitNOFILE")
                == "1024\n4096")
        #expect(try await machine.ssh("curl -sS http://127.0.0.1:8000/note") == "noted")
        try await machine.ssh("sha256sum --check /srv/www/sum")
        #expect(try await machine.ssh("grep -c 'of a sandbox' /etc/issue") == "1")
        #expect(try await machine.ssh(Self.absences) == "nothing")
    }

    private func expectTheServersAgree(_ machine: TestMachine) async throws {
        #expect(
            try await machine.ssh("testparm --suppress-prompt 2> /dev/null | grep -E '^\\['")
                == "[global]\n[media]\n[public]")
        let client = "smbclient --user=media%canary-tulip --max-protocol=SMB3 //127.0.0.1/media"
        #expect(
            try await machine.ssh(
                """
                cd /tmp; echo shared > a; \(client) --command='put a b' > /dev/null
                cd /srv/media; stat -c %U b; cat b; rm b
                """)
                == "media\nshared")
        #expect(try await machine.ssh("pdbedit --list | cut -d: -f1") == "media")
        #expect(
            try await machine.ssh("a2query -m rewrite; a2query -s catalogue; a2query -c serve-cgi-bin 2>&1; true")
                == """
                rewrite (enabled by site administrator)
                catalogue (enabled by site administrator)
                No conf matches serve-cgi-bin (disabled by site administrator)
                """)
        #expect(
            try await machine.ssh("curl -sS -H 'Host: catalogue.example.com' http://127.0.0.1/short") == "read me")
    }

    private func expectTheContainersAgree(_ machine: TestMachine) async throws {
        #expect(
            try await machine.ssh("podman ps --format '{{.Names}} {{.Image}}'")
                == "systemd-app localhost:5000/app:1")
        #expect(
            try await machine.ssh(
                "podman exec systemd-app /busybox sh -c 'echo $PASSWORD; cat /sys/class/net/eth0/mtu'")
                == "canary-tulip\n1400")
        #expect(
            try await machine.ssh("podman inspect --format '{{.NetworkSettings.Networks.front.Gateway}}' systemd-app")
                == "10.90.7.1")
        #expect(try await machine.ssh("systemctl is-active app; systemctl is-enabled app") == "active\ngenerated")
        #expect(
            try await machine.ssh(
                "/usr/lib/systemd/system-generators/podman-system-generator --dryrun 2>&1 | grep -c '^---'") == "1")
        #expect(
            try await machine.ssh("grep -rl canary-tulip /etc /var/log /var/lib/propel 2> /dev/null; true") == "")
    }

    /// After a revert, besides the files.
    func expectNothingIsLeft(_ machine: TestMachine, _ suite: DebianRelease) async throws {
        #expect(
            try await machine.ssh(
                """
                getcap /usr/local/bin/nap; getfacl --absolute-names --omit-header --skip-base /srv/rights
                dpkg-divert --truename /etc/cron.daily/dpkg; systemctl show files -P DropInPaths
                """) == "/etc/cron.daily/dpkg")
        if suite == .bookworm {
            try await machine.ssh("cmp /usr/share/samba/smb.conf /etc/samba/smb.conf; testparm --suppress-prompt 2>&1")
            #expect(
                try await machine.ssh("pdbedit --list; a2query -m rewrite 2> /dev/null; a2query -c serve-cgi-bin")
                    == "serve-cgi-bin (enabled by site administrator)")
        } else {
            #expect(
                try await machine.ssh(
                    """
                    podman ps --all --quiet; podman secret ls --quiet; podman image ls --quiet
                    podman network ls --format '{{.Name}}'; systemctl show app -P LoadState
                    """) == "podman\nnot-found")
        }
    }
}
