"""The cells of the table: what is measured, on how many machines, at which distance."""

import fnmatch
from dataclasses import dataclass

# Resources of the role `bench` besides its numbered files.
OTHER_RESOURCES = 29
# Of them, those that pyinfra installs in one operation.
PACKAGES = 12


@dataclass(frozen=True)
class Cell:
    kind: str
    resources: int
    # The round trip in milliseconds.
    delay: int = 0
    hosts: int = 1

    @property
    def name(self):
        hosts = f"/{self.hosts}-hosts" if self.hosts > 1 else ""
        return f"{self.kind}/{self.resources}/{self.delay}ms{hosts}"

    @property
    def title(self):
        parts = [f"{self.resources} resources"]
        if self.hosts > 1:
            parts.append(f"{self.hosts} hosts")
        return ", ".join(parts + [f"{self.delay} ms"])

    @property
    def files(self):
        return self.resources - OTHER_RESOURCES

    def includes(self, program):
        """Logging in is only comparable to a run that changes nothing."""
        return self.kind == "no-change" or not program.is_login

    def expects(self, changes):
        """Whether this number of changes on all hosts is what a run of this cell makes."""
        return {"no-change": changes == 0, "one-file": changes == self.hosts, "first-run": changes > 0}[self.kind]


KINDS = {
    "no-change": "A run that changes nothing", "one-file": "A run that changes one file",
    "first-run": "The first run on a fresh Debian",
}
CELLS = [
    Cell("no-change", 39), Cell("no-change", 50), Cell("no-change", 500),
    Cell("no-change", 39, delay=30), Cell("no-change", 50, delay=30), Cell("no-change", 500, delay=30),
    Cell("no-change", 39, hosts=16), Cell("no-change", 39, hosts=50),
    Cell("one-file", 39), Cell("one-file", 39, delay=30),
    Cell("first-run", 39),
]


def chosen(patterns):
    """The cells of these names, or whose names begin with one or match it; all without a pattern."""
    names = {cell.name for cell in CELLS}
    found = {name for pattern in patterns or ["*"] for name in names if matches(name, pattern, names)}
    if not found:
        raise SystemExit("no cell matches: the names are\n  " + "\n  ".join(cell.name for cell in CELLS))
    return [cell for cell in CELLS if cell.name in found]


def matches(name, pattern, names):
    if pattern in names:
        return name == pattern
    return name.startswith(pattern + "/") or fnmatch.fnmatch(name, pattern)
