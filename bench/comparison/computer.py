"""A description of this computer, without its name, and of the versions that were compared."""

import os
import platform
import re
import subprocess
from pathlib import Path


def description():
    """One line for each part, for people."""
    processor = re.search(r"model name\s*: (.*)", read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s+(\d+)", read("/proc/meminfo"))
    system = re.search(r'PRETTY_NAME="(.*)"', read("/etc/os-release"))
    return [
        f"{os.cpu_count()} cores of {processor[1].strip() if processor else platform.machine()}",
        f"{int(memory[1]) / 2**20:.0f} GiB of memory" if memory else "an unknown amount of memory",
        f"{system[1] if system else platform.system()}, Linux {platform.release()}",
        f"Python {platform.python_version()}, {ssh_version()}",
    ]


def ssh_version():
    return subprocess.run(["ssh", "-V"], capture_output=True, text=True).stderr.split(",")[0].strip()


def commit(repository):
    command = ["git", "-C", str(repository), "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() or "unknown"


def read(path):
    return Path(path).read_text() if os.path.exists(path) else ""
