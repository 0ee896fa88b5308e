"""What was measured: a line of JSON for each run, so that a second start goes on where the first one ended."""

import json
from statistics import median


class Measurements:
    def __init__(self, file):
        self.file = file
        # Cell, program and round: seconds and load.
        self.runs = {}
        if file.exists():
            for line in file.read_text().splitlines():
                self.remember(line)

    def remember(self, line):
        try:
            run = json.loads(line)
        except ValueError:
            # The end of a file whose writer was killed.
            return
        self.runs[run["cell"], run["program"], run["round"]] = run

    def add(self, cell, program, number, seconds, load):
        line = json.dumps(
            {"cell": cell, "program": program, "round": number, "seconds": round(seconds, 4), "load": round(load, 2)})
        # After a line that was cut off, this one begins on its own.
        is_cut_off = self.file.exists() and not self.file.read_bytes().endswith(b"\n") and self.file.stat().st_size
        with self.file.open("a") as file:
            file.write(("\n" if is_cut_off else "") + line + "\n")
        self.remember(line)

    def has(self, cell, program, number):
        return (cell, program, number) in self.runs

    def rounds(self, cell, program):
        """The seconds of each round."""
        return {number: run["seconds"] for (c, p, number), run in self.runs.items() if (c, p) == (cell, program)}

    def median(self, cell, program):
        """The median in seconds; None without a measurement."""
        seconds = self.rounds(cell, program).values()
        return median(seconds) if seconds else None

    def ratio(self, cell, program, other):
        """The median of the ratios within each round that both took part in; None without one."""
        first, second = self.rounds(cell, program), self.rounds(cell, other)
        ratios = [first[number] / second[number] for number in first.keys() & second.keys()]
        return median(ratios) if ratios else None

    def load(self, cell):
        """The median of the load average at the beginnings of the runs; None without one."""
        loads = [run["load"] for (c, _, _), run in self.runs.items() if c == cell]
        return median(loads) if loads else None
