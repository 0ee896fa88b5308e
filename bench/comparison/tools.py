"""pyinfra, Ansible and Mitogen from PyPI, in a virtual environment of the benchmark."""

import subprocess
import sys

# Mitogen takes over parts of Ansible and knows only the versions before it.
PACKAGES = ["pyinfra", "ansible-core", "mitogen"]


class Tools:
    def __init__(self, cache):
        self.folder = cache / "venv"

    def ensure(self):
        """Installs them, unless that was done before. The same versions stay until the folder is removed."""
        complete = self.folder / "complete"
        if complete.exists():
            return
        print(f"Installing {', '.join(PACKAGES)} in {self.folder}", file=sys.stderr, flush=True)
        for command in [
            [sys.executable, "-m", "venv", "--clear", self.folder],
            [self.program("pip"), "install", "--quiet", *PACKAGES],
        ]:
            if subprocess.run(command).returncode:
                raise SystemExit("the programs to compare with are not installed: see above (Debian: python3-venv)")
        complete.touch()

    def program(self, name):
        return str(self.folder / "bin" / name)

    def python(self, code, *arguments):
        command = [self.program("python"), "-c", code, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def strategies(self):
        """The folder of Mitogen's strategies for Ansible."""
        return self.python("import ansible_mitogen as m; print(m.__path__[0] + '/plugins/strategy')")

    def versions(self):
        code = "import importlib.metadata as m, sys; print(*(m.version(name) for name in sys.argv[1:]))"
        return dict(zip(PACKAGES, self.python(code, *PACKAGES).split()))
