"""bench/compare: measures the cells that are missing, round by round, and writes bench/RESULTS.md."""

import argparse
import fcntl
import hashlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from . import cells, chart, computer, programs, report
from .machines import Machines, at_distance, say
from .measurements import Measurements
from .programs import Unexpected
from .site import Site
from .tools import Tools

ROOT = Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / ".build/bench"
FLEET = ROOT / "Tests/Fixtures/Fleet"
TITLE = "# Results\n\nWhat is compared, and how: [README.md](README.md).\n"
# A program whose runs are longer takes part in the first rounds only.
LONG_RUN, ROUNDS_OF_LONG_RUNS = 60, 3


def arguments():
    parser = argparse.ArgumentParser(
        prog="bench/compare", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Compares Propel with ssh, pyinfra, Ansible and Mitogen, on sandboxes of this computer (as root).",
        epilog="Cells:\n  " + "\n  ".join(cell.name for cell in cells.CELLS)
        + "\n\nWhat was measured is kept in .build/bench, and a second start goes on with it.")
    parser.add_argument("--rounds", type=int, default=7, help="how often each program runs in each cell (default: 7)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="CELL",
        help="a cell, the beginning of its name (no-change, no-change/39), or a pattern; may be given several times")
    parser.add_argument(
        "--programs", type=lambda names: names.split(","), default=[], metavar="NAME,…",
        help="propel, ssh, ssh-curve25519, pyinfra, mitogen, ansible (default: all)")
    parser.add_argument(
        "--fleet", type=Path, metavar="FOLDER",
        help="a package with the role bench whose programs are built, instead of Tests/Fixtures/Fleet")
    parser.add_argument(
        "--results", type=Path, default=ROOT / "bench", metavar="FOLDER", help="for RESULTS.md (default: bench)")
    return parser.parse_args()


def main():
    options = arguments()
    chosen = cells.chosen(options.only)
    # Ended by a signal, it removes its machines too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit("another bench/compare is running")
        tools = Tools(CACHE)
        tools.ensure()
        compared = programs.chosen(options.programs, tools)
        if not options.fleet:
            subprocess.run([ROOT / "Scripts/build-fleet"], check=True, stdout=sys.stderr)
        fleet = (options.fleet or FLEET).resolve()
        benchmark = Benchmark(fleet, tools, compared, options.rounds)
        with tempfile.TemporaryDirectory(prefix="bench") as folder:
            try:
                benchmark.site = Site(folder, fleet)
                for cell in chosen:
                    benchmark.measure(cell)
                    benchmark.write(options.results)
            except Unexpected as error:
                raise SystemExit(str(error))
            finally:
                say("Removing the sandboxes")
                benchmark.machines.remove()


class Benchmark:
    def __init__(self, fleet, tools, compared, rounds):
        self.tools, self.programs, self.rounds = tools, compared, rounds
        program = fleet / ".build/release/propel"
        self.machines = Machines(program, CACHE)
        self.versions = tools.versions()
        # Other programs have other measurements.
        parts = [Path(f"{program}{suffix}").read_bytes() for suffix in ["", "-enforce"]]
        parts += [repr((sorted(self.versions.items()), computer.description())).encode()]
        digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
        self.measurements = Measurements(CACHE / f"measurements-{digest[:16]}.jsonl")

    def missing(self, cell, number):
        """The programs that this round of the cell still needs."""
        return [
            program for program in self.programs
            if cell.includes(program) and not self.measurements.has(cell.name, program.name, number)
            and not (number > ROUNDS_OF_LONG_RUNS and self.is_long(cell, program))
        ]

    def is_long(self, cell, program):
        seconds = self.measurements.rounds(cell.name, program.name).values()
        return bool(seconds) and statistics.median(seconds) > LONG_RUN

    def measure(self, cell):
        if not any(self.missing(cell, number) for number in range(1, self.rounds + 1)):
            return
        say(f"== {cell.name}")
        if cell.kind == "first-run":
            return self.measure_first_runs(cell)
        with at_distance(self.machines.first(cell.hosts), cell.delay) as hosts:
            self.site.describe(cell, hosts)
            # Each brings the machines into the state that it describes, and warms up.
            for program in self.programs:
                if any(program in self.missing(cell, number) for number in range(1, self.rounds + 1)):
                    program.run(self.site)
            for number in range(1, self.rounds + 1):
                for program in self.missing(cell, number):
                    if cell.kind == "one-file":
                        self.site.describe(cell, hosts, note=f"{program.name} {number} {os.getpid()}")
                    self.time(cell, program, number)

    def measure_first_runs(self, cell):
        for number in range(1, self.rounds + 1):
            for program in self.missing(cell, number):
                name = "comparison-first"
                try:
                    with at_distance([self.machines.make(name, is_fresh=True)], cell.delay) as hosts:
                        self.site.describe(cell, hosts)
                        self.time(cell, program, number)
                finally:
                    self.machines.remove([name])

    def time(self, cell, program, number):
        load = os.getloadavg()[0]
        seconds, changes = program.run(self.site)
        if not cell.expects(changes):
            raise Unexpected(f"{program.label} reports {changes} changes in {cell.name}")
        self.measurements.add(cell.name, program.name, number, seconds, load)
        say(f"{cell.name} {number}/{self.rounds} {program.label}: {seconds:.3f} s")

    def write(self, folder):
        versions = [f"Propel at {computer.commit(ROOT)}"]
        versions += [f"{name} {version}" for name, version in self.versions.items()]
        file = folder / "RESULTS.md"
        old = file.read_text() if file.exists() else TITLE
        shown = programs.all_programs(self.tools)
        file.write_text(report.page(old, self.measurements, shown, computer.description(), versions))
        (folder / "results.svg").write_text(chart.svg(self.measurements, shown))
