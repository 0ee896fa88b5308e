"""What the role `catalogue` declares, as pytest-testinfra sees it on the machine.

CatalogueTests runs it over ssh, after the first run. It only reads.
"""

import pytest

MEDIA_KEY = "/home/media/.ssh/id_ed25519"


@pytest.mark.parametrize("name", ["git", "python3-minimal", "cron", "fail2ban", "nftables", "sudo", "vnstat"])
def test_a_declared_package_is_installed(host, name):
    assert host.package(name).is_installed


def test_a_version_is_installed_and_held(host):
    assert host.package("vnstat").version.startswith("2.")
    assert host.check_output("apt-mark showhold") == "vnstat"
    assert not host.package("snapd").is_installed


@pytest.mark.parametrize("name", ["files", "count.timer", "fail2ban", "cron", "ssh"])
def test_a_declared_service_runs_and_starts_at_boot(host, name):
    service = host.service(name)
    assert service.is_running
    assert service.is_enabled


def test_a_masked_service_and_the_firewall_at_boot(host):
    assert host.service("vnstat").is_masked
    assert host.service("propel-firewall").is_enabled


@pytest.mark.parametrize(
    "path, mode, user, group",
    [
        ("/etc/seed.conf", 0o644, "root", "root"),
        ("/etc/licence", 0o640, "root", "root"),
        ("/etc/hosts.allow", 0o644, "root", "root"),
        ("/etc/cron.d/tidy", 0o644, "root", "root"),
        ("/etc/logrotate.d/catalogue", 0o644, "root", "root"),
        ("/etc/sudoers.d/catalogue", 0o440, "root", "root"),
        ("/etc/systemd/user/catalogue.service", 0o644, "root", "root"),
        ("/usr/local/bin/app", 0o755, "root", "root"),
        ("/srv/media/new/films/a", 0o664, "media", "media"),
        (MEDIA_KEY, 0o600, "media", "media"),
    ],
)
def test_a_file_has_its_mode_and_owner(host, path, mode, user, group):
    file = host.file(path)
    assert file.is_file and not file.is_symlink
    assert (file.mode, file.user, file.group) == (mode, user, group)


def test_a_directory_has_its_mode_and_owner(host):
    shared, container, volatile = [host.file(p) for p in ("/srv/media/new", "/srv/container", "/run/catalogue")]
    assert shared.is_directory and container.is_directory and volatile.is_directory
    assert (shared.mode, shared.user, shared.group) == (0o2775, "media", "media")
    assert (container.mode, container.uid, container.gid) == (0o750, 1001, 1001)
    assert (volatile.mode, volatile.user, volatile.group) == (0o750, "media", "media")


@pytest.mark.parametrize("path", ["/etc/issue.net", "/etc/never", "/srv/media.old", "/usr/sbin/policy-rc.d"])
def test_what_is_declared_absent_is_not_there(host, path):
    assert not host.file(path).exists


@pytest.mark.parametrize(
    "path, line",
    [
        ("/etc/hosts.allow", "^sshd: 10\\.0\\.0\\.0/8$"),
        ("/etc/hosts", "^192\\.0\\.2\\.1 node1$"),
        ("/etc/systemd/journald.conf", "^MaxLevelWall *= *crit$"),
        ("/etc/login.defs", "^UMASK[[:space:]][[:space:]]*027$"),
        ("/etc/cron.d/tidy", "^30 3 \\* \\* \\* root find /tmp/tidy -mtime +3 -delete$"),
    ],
)
def test_a_text_file_has_its_line(host, path, line):
    assert host.file(path).contains(line)


def test_contents_follow_the_release(host):
    release, architecture = host.system_info.codename, host.check_output("dpkg --print-architecture")
    facts = [release, host.system_info.arch, architecture, host.check_output("hostname")]
    assert host.file("/etc/facts").content_string == " ".join(facts) + "\n"
    assert host.file("/etc/release-notes").content_string == ("12\n" if release == "bookworm" else "later\n")
    assert host.file("/etc/seed.conf").content_string == "colour = red\n"


def test_links(host):
    for path, destination in [("/srv/catalogue", "/srv/media"), ("/etc/alternatives/awk", "/usr/bin/mawk")]:
        assert host.file(path).is_symlink
        assert host.file(path).linked_to == destination


def test_the_user_and_the_group(host):
    user, group = host.user("media"), host.group("media")
    assert user.exists and group.exists
    assert user.home == "/home/media"
    assert user.group == "media" and user.gid == group.gid
    assert host.file("/var/lib/systemd/linger/media").exists
    assert "NOPASSWD" in host.check_output("sudo -l -U media")


@pytest.mark.parametrize("path", ["/srv/shared", "/srv/films"])
def test_a_directory_is_mounted_over_another(host, path):
    mount = host.mount_point(path)
    assert mount.exists
    assert "rw" in mount.options
    assert host.file(path + "/new/films/a").is_file


def test_sockets(host):
    assert host.socket("tcp://0.0.0.0:22").is_listening
    assert host.socket("tcp://127.0.0.1:8000").is_listening
    assert not host.socket("tcp://0.0.0.0:8000").is_listening


def test_names_of_other_machines(host):
    assert list(host.addr("node2").ipv4_addresses) == ["192.0.2.2"]
    assert list(host.addr("db1.example.com").ipv4_addresses) == ["192.0.2.5"]


def test_what_was_downloaded_runs(host):
    for command in ["/usr/local/bin/app", "/opt/app/bin/app"]:
        result = host.run(command)
        assert (result.rc, result.stdout, result.stderr) == (0, "app 2.1\n", "")
    assert host.check_output("git -C /srv/release describe --tags") == "v1"
    assert host.run("git -C /srv/site status --porcelain").stdout == ""
    assert host.pip("pip", pip_path="/srv/venv/bin/pip").is_installed


def test_sshd_and_the_firewall_have_the_declared_settings(host):
    settings = host.check_output("sshd -T").lower().splitlines()
    assert "maxauthtries 5" in settings and "x11forwarding no" in settings
    assert "policy drop" in host.check_output("nft list chain inet propel input")
