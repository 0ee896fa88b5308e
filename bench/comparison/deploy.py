"""The resources of the role `bench`, as a deploy of pyinfra."""

from io import StringIO

from pyinfra import host
from pyinfra.operations import apt, files, server, systemd

server.hostname(hostname=host.name)
files.directory(path="/srv/bench")
for number in range(1, host.data.files + 1):
    files.put(src=StringIO(f"number = {number}\n"), dest=f"/srv/bench/{number}.conf", mode="640")
files.put(src=StringIO(f"{host.data.note}\n"), dest="/srv/bench/note")
for name in ["address", "port", "timeout"]:
    files.line(path="/etc/bench.conf", line=f"{name} = default", ensure_newline=True)
# One operation, as its documentation advises.
apt.packages(packages=[
    "ca-certificates", "curl", "git", "gnupg", "htop", "less", "lsof", "nano", "openssl", "rsync", "screen", "tree",
])
for name in ["anna", "ben", "clara"]:
    server.user(user=name)
    files.link(path=f"/srv/bench/{name}", target=f"/home/{name}")
systemd.service(service="ssh", running=True, enabled=True)
systemd.service(service="systemd-journald", running=True)
systemd.service(service="systemd-logind", running=True)
systemd.service(service="dbus", running=True)
systemd.service(service="systemd-networkd", running=True, enabled=True)
