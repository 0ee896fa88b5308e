"""The programs that are compared: how each is called, and what it says that it has changed."""

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from .cells import PACKAGES

HERE = Path(__file__).resolve().parent


class Unexpected(Exception):
    """A run that did not do what its cell says. Its time means nothing."""


class Program:
    # Whether it only logs in.
    is_login = False

    def __init__(self, name, label):
        self.name, self.label = name, label

    def commands(self, site):
        """The commands of one run, which begin at the same time."""
        raise NotImplementedError

    def environment(self, site):
        return {}

    def changes(self, output, site):
        """The changes on all hosts that the output tells of."""
        raise NotImplementedError

    def run(self, site):
        """Runs it; the seconds that it took, and its changes."""
        commands, environment = self.commands(site), {**os.environ, "LC_ALL": "C.UTF-8", **self.environment(site)}
        with tempfile.TemporaryFile("w+") as output:
            running = []
            start = time.monotonic()
            try:
                for command in commands:
                    # Without a terminal nothing can ask; in its own session it can be ended as a whole.
                    running.append(subprocess.Popen(
                        command, cwd=site.folder, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                        stderr=subprocess.STDOUT, start_new_session=True))
                statuses = [process.wait() for process in running]
                seconds = time.monotonic() - start
            except BaseException:
                end(running)
                raise
            output.seek(0)
            text = output.read()
        if any(statuses):
            raise Unexpected(f"{self.label} exited with {max(statuses, key=abs)}:\n{text[-4000:]}")
        return seconds, self.changes(text, site)


def end(running):
    """Ends programs, with what they have started, when the benchmark is interrupted."""
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


class Login(Program):
    is_login = True

    def __init__(self, name, label, options):
        super().__init__(name, label)
        self.options = options

    def commands(self, site):
        return [
            ["ssh", *site.ssh_options(), *self.options, "-i", host.identity, "-p", str(host.port),
             f"root@{host.address}", "true"]
            for host in site.hosts
        ]

    def changes(self, output, site):
        return 0


class Propel(Program):
    def commands(self, site):
        program = str(site.fleet / ".build/release/propel")
        return [[program, "deploy", "--no-commit", "--jobs", str(len(site.hosts)), *(host.name for host in site.hosts)]]

    def changes(self, output, site):
        changed = 0
        for host in site.hosts:
            # The table at the end: host, ok, changed, failed, skipped.
            row = re.search(rf"^{re.escape(host.name)} +(\d+) +(\d+) +(\d+) +(\d+) ", output, re.MULTILINE)
            counts = [int(count) for count in row.groups()] if row else [0] * 4
            if counts[0] + counts[1] < site.cell.resources or counts[2] or counts[3]:
                raise Unexpected(f"{self.label} did not converge {host.name}:\n{output[-4000:]}")
            changed += counts[1]
        return changed


class Pyinfra(Program):
    def __init__(self, name, label, tools):
        super().__init__(name, label)
        self.tools = tools

    def commands(self, site):
        return [[
            self.tools.program("pyinfra"), "--yes", "--parallel", str(len(site.hosts)), site.path("inventory.py"),
            str(HERE / "deploy.py"),
        ]]

    def changes(self, output, site):
        row = re.search(r"^ *Grand total +(.*)$", output, re.MULTILINE)
        # Operations, changed, failed, unchanged; of all hosts.
        counts = [0 if count == "-" else int(count) for count in row[1].split()] if row else [0] * 4
        expected = (site.cell.resources - PACKAGES + 1) * len(site.hosts)
        if counts[1] + counts[3] != expected or counts[2]:
            raise Unexpected(f"{self.label} reports {counts} where {expected} are expected:\n{output[-4000:]}")
        return counts[1]


class Ansible(Program):
    def __init__(self, name, label, tools, is_mitogen):
        super().__init__(name, label)
        self.tools, self.is_mitogen = tools, is_mitogen

    def commands(self, site):
        return [[
            self.tools.program("ansible-playbook"), "--inventory", site.path("inventory.json"),
            str(HERE / "playbook.yml"),
        ]]

    def environment(self, site):
        environment = {
            "ANSIBLE_CONFIG": site.path("ansible.cfg"), "ANSIBLE_HOME": site.path(".ansible"),
            # A connection that an earlier run left open is not used.
            "ANSIBLE_SSH_CONTROL_PATH_DIR": tempfile.mkdtemp(prefix="c", dir=site.folder),
        }
        if self.is_mitogen:
            environment.update(
                ANSIBLE_STRATEGY="mitogen_linear", ANSIBLE_STRATEGY_PLUGINS=self.tools.strategies())
        return environment

    def changes(self, output, site):
        changed = 0
        for host in site.hosts:
            row = re.search(
                rf"^{re.escape(host.name)} +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+) ", output,
                re.MULTILINE)
            counts = [int(count) for count in row.groups()] if row else [0] * 4
            if not counts[0] or counts[2] or counts[3]:
                raise Unexpected(f"{self.label} did not converge {host.name}:\n{output[-4000:]}")
            changed += counts[1]
        return changed


def all_programs(tools):
    return [
        Propel("propel", "Propel"),
        Login("ssh", "ssh HOST true", []),
        Login("ssh-curve25519", "ssh, curve25519", ["-o", "KexAlgorithms=curve25519-sha256"]),
        Pyinfra("pyinfra", "pyinfra", tools),
        Ansible("mitogen", "Ansible with Mitogen", tools, is_mitogen=True),
        Ansible("ansible", "Ansible with pipelining", tools, is_mitogen=False),
    ]


def chosen(names, tools):
    programs = all_programs(tools)
    unknown = set(names) - {program.name for program in programs}
    if unknown:
        known = ", ".join(program.name for program in programs)
        raise SystemExit(f"no program is named {', '.join(sorted(unknown))}: there are {known}")
    return [program for program in programs if not names or program.name in names]
