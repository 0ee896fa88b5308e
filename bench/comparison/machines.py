"""The machines of the benchmark: sandboxes of Propel, with the Python that Ansible needs."""

import contextlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .site import Host

PACKAGES = "ca-certificates curl git gnupg htop less lsof nano openssl rsync screen tree"
ARCHIVES = "/var/cache/apt/archives"
# The packages of the role are there, or at least downloaded, before a run, so that none measures the network.
PREPARATION = f"""
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install --yes --no-install-recommends python3 python3-apt
apt-get -qq install --yes --download-only {PACKAGES}
"""
INSTALLATION = f"apt-get -qq install --yes {PACKAGES}\n"


class Machines:
    def __init__(self, program, cache):
        self.program, self.archives = program, cache / "archives"
        self.archives.mkdir(exist_ok=True)
        # Those that have been made, in the order of their names.
        self.hosts = {}

    def first(self, count):
        """That many hosts, which are made if they do not exist."""
        names = [f"comparison-{number:02}" for number in range(1, count + 1)]
        missing = [name for name in names if name not in self.hosts]
        if missing:
            say(f"Making {len(missing)} sandboxes" if len(missing) > 1 else f"Making the sandbox {missing[0]}")
        # The first fills the cache of packages.
        for name in missing[:1]:
            self.make(name)
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            list(workers.map(self.make, missing[1:]))
        return [self.hosts[name] for name in names]

    def make(self, name, is_fresh=False):
        """A host; a fresh one has none of the packages of the role."""
        # One that an earlier benchmark has left is not a fresh Debian.
        self.sandbox("down", name, check=False)
        self.sandbox("up", name)
        login = json.loads(self.sandbox("shell", name, "--json").stdout)["command"]
        self.hosts[name] = host(name, login)
        self.prepare(login, PREPARATION + ("" if is_fresh else INSTALLATION))
        return self.hosts[name]

    def prepare(self, login, script):
        for packages in self.archives.glob("*.tar"):
            with packages.open() as archive:
                subprocess.run([*login, f"tar -C {ARCHIVES} -xf -"], stdin=archive, check=True)
        result = subprocess.run([*login, "sh -s"], input=script, capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(f"a sandbox cannot be prepared:\n{result.stdout}{result.stderr}")
        complete = self.archives / "packages.tar"
        if not complete.exists():
            partial = complete.with_suffix(".unfinished")
            with partial.open("w") as archive:
                subprocess.run(
                    [*login, f"cd {ARCHIVES} && tar -cf - -- *.deb"], stdout=archive, stdin=subprocess.DEVNULL,
                    check=True)
            partial.rename(complete)

    def remove(self, names=None):
        for name in list(names or self.hosts):
            self.sandbox("down", name, check=False)
            self.hosts.pop(name, None)

    def sandbox(self, *arguments, check=True):
        result = subprocess.run(
            [self.program, "sandbox", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if check and result.returncode:
            raise SystemExit(f"propel sandbox {' '.join(arguments)} failed:\n{result.stderr}")
        return result


def host(name, login):
    """A host, from the ssh command that logs in to its sandbox."""
    known_hosts = next(word for word in login if word.startswith("UserKnownHostsFile=")).partition("=")[2]
    address, host_key = Path(known_hosts).read_text().strip().split(" ", 1)
    return Host(name, address, 22, login[login.index("-i") + 1], host_key)


@contextlib.contextmanager
def at_distance(hosts, milliseconds):
    """The hosts as they are reached through relays that make a round trip that much longer."""
    if not milliseconds:
        yield hosts
        return
    program = Path(__file__).with_name("relay.py")
    relays = []
    try:
        for host in hosts:
            command = [sys.executable, program, str(milliseconds), host.address, str(host.port)]
            relays.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        yield [host.at("127.0.0.1", int(relay.stdout.readline())) for host, relay in zip(hosts, relays)]
    finally:
        for relay in relays:
            relay.kill()
            relay.wait()


def say(words):
    print(words, file=sys.stderr, flush=True)
