"""The folder that all programs run in: the hosts, and how they are reached, in the files of each program."""

import json
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Host:
    name: str
    address: str
    port: int
    # The file of the private key.
    identity: str
    # The public host key, as in known_hosts.
    host_key: str

    def at(self, address, port):
        return replace(self, address=address, port=port)


class Site:
    # What makes a folder a configuration of Propel, by links to one that is built.
    PARTS = ["Package.swift", "Package.resolved", "Propel", "Sources", ".build"]

    def __init__(self, folder, fleet):
        self.folder = Path(folder)
        self.fleet = Path(fleet)
        for part in self.PARTS:
            if (self.fleet / part).exists():
                (self.folder / part).symlink_to(self.fleet / part)

    def describe(self, cell, hosts, note="none"):
        """Writes the files of all programs for these hosts."""
        self.cell, self.hosts = cell, hosts
        self.write("known_hosts", "".join(f"{place(host)} {host.host_key}\n" for host in hosts))
        self.write("hosts.conf", "\n".join(self.entry(host, note) for host in hosts))
        self.write("inventory.py", f"hosts = {[self.pyinfra(host, note) for host in hosts]!r}\n")
        self.write("inventory.json", json.dumps(self.ansible(note), indent=1))
        self.write("ansible.cfg", f"[defaults]\nforks = {len(hosts)}\n\n[ssh_connection]\npipelining = True\n")

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def path(self, name):
        return str(self.folder / name)

    def ssh_options(self):
        """The configuration of the user has no part in this."""
        return [
            "-F", "none", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "StrictHostKeyChecking=yes",
            "-o", "GlobalKnownHostsFile=/dev/null", "-o", f"UserKnownHostsFile={self.path('known_hosts')}",
        ]

    def entry(self, host, note):
        values = {
            "role": "bench", "address": host.address, "port": host.port, "user": "root", "identity": host.identity,
            "host-keys": [host.host_key], "files": self.cell.files, "note": note,
        }
        # JSON's strings, numbers and arrays are TOML's too.
        return f'["{host.name}"]\n' + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())

    def pyinfra(self, host, note):
        return (host.name, {
            "ssh_hostname": host.address, "ssh_port": host.port, "ssh_user": "root", "ssh_key": host.identity,
            "ssh_known_hosts_file": self.path("known_hosts"), "ssh_config_file": "/dev/null",
            "files": self.cell.files, "note": note,
        })

    def ansible(self, note):
        hosts = {
            host.name: {
                "ansible_host": host.address, "ansible_port": host.port, "ansible_user": "root",
                "ansible_ssh_private_key_file": host.identity,
            } for host in self.hosts
        }
        common = {
            "ansible_ssh_common_args": " ".join(self.ssh_options()), "ansible_python_interpreter": "/usr/bin/python3",
            "files": self.cell.files, "note": note,
        }
        return {"all": {"hosts": hosts, "vars": common}}


def place(host):
    """A host in known_hosts."""
    return host.address if host.port == 22 else f"[{host.address}]:{host.port}"
