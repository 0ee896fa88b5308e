"""RESULTS.md: the tables of the medians and ratios, between two marks; the rest of the page stays as it is."""

from .cells import CELLS, KINDS

BEGIN, END = "<!-- bench/compare writes from here -->", "<!-- to here -->"


def page(old, measurements, programs, computer, versions):
    """The page with new tables."""
    before, _, rest = old.partition(BEGIN)
    _, _, after = rest.partition(END)
    new = tables(measurements, programs, computer, versions)
    return f"{before.rstrip()}\n\n{BEGIN}\n\n{new}\n\n{END}" + (after or "\n")


def tables(measurements, programs, computer, versions):
    parts = ["## The computer", "\n".join(f"- {line}" for line in computer + versions), "![](results.svg)"]
    measured = [cell for cell in CELLS if measurements.load(cell.name) is not None]
    for kind, title in KINDS.items():
        cells = [cell for cell in measured if cell.kind == kind]
        if cells:
            parts += [f"## {title}", medians(cells, measurements, programs), ratios(cells, measurements, programs)]
    return "\n\n".join(parts)


def medians(cells, measurements, programs):
    shown = [program for program in programs if any(cell.includes(program) for cell in cells)]
    rows = [["median", *(program.label for program in shown), "load"]]
    for cell in cells:
        times = [
            time(measurements.median(cell.name, program.name), len(measurements.rounds(cell.name, program.name)))
            for program in shown
        ]
        rows.append([cell.title, *times, f"{measurements.load(cell.name):.1f}"])
    return table(rows)


def ratios(cells, measurements, programs):
    """How many times longer each program takes than Propel."""
    others = [p for p in programs if p.name != "propel" and any(cell.includes(p) for cell in cells)]
    heads = [f"Propel ÷ {p.label}" if p.is_login else f"{p.label} ÷ Propel" for p in others]
    rows = [["median ratio", *heads]]
    for cell in cells:
        row = [cell.title]
        for program in others:
            pair = ("propel", program.name) if program.is_login else (program.name, "propel")
            ratio = measurements.ratio(cell.name, *pair)
            row.append("–" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}")
        rows.append(row)
    return table(rows)


def time(seconds, rounds):
    """A time, with the number of rounds that it is the median of."""
    if seconds is None:
        return "–"
    number = f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
    return f"{number} ({rounds})"


def table(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" + "|--:" * (len(rows[0]) - 1) + "|", *lines[1:]])
