"""The medians as an SVG: a row for each cell, a mark for each program, on a logarithmic scale."""

import math
from xml.sax.saxutils import escape

from .cells import CELLS, KINDS

# For a light and for a dark page: colours that colour-blind people can tell apart, and a shape for each.
STYLES = {
    "propel": ("#0072b2", "#56b4e9", "disc"), "ssh": ("#6b6b6b", "#a8a8a8", "ring"),
    "ssh-curve25519": ("#6b6b6b", "#a8a8a8", "bar"), "pyinfra": ("#009e73", "#2fc79b", "square"),
    "mitogen": ("#b85c00", "#e69f00", "diamond"), "ansible": ("#b03a78", "#e58bb8", "triangle"),
}
WIDTH, LEFT, RIGHT, ROW, TOP = 860, 210, 30, 30, 74


def svg(measurements, programs):
    rows = [cell for cell in CELLS if measurements.load(cell.name) is not None]
    times = [
        seconds for cell in rows for program in programs
        if (seconds := measurements.median(cell.name, program.name)) is not None
    ]
    scale = Scale(times or [1])
    parts, y, kind = [], TOP, None
    for cell in rows:
        if cell.kind != kind:
            kind, y = cell.kind, y + ROW
            parts.append(text(12, y - 6, KINDS[kind], "head"))
        y += ROW
        parts.append(text(LEFT - 14, y - ROW / 2 + 4, cell.title, "label", "end"))
        parts.append(f'<path class="row" d="M{LEFT} {y - ROW / 2:.1f}H{WIDTH - RIGHT}"/>')
        for program in programs:
            seconds = measurements.median(cell.name, program.name)
            if seconds is not None:
                parts.append(mark(program, scale.x(seconds), y - ROW / 2, f"{program.label}: {seconds:.3g} s"))
    height = y + 34
    grid = [
        f'<path class="grid" d="M{scale.x(tick):.1f} {TOP}V{y}"/>'
        + text(scale.x(tick), y + 20, duration(tick), "tick", "middle") for tick in scale.ticks
    ]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img" aria-label="Median time of each program, on a logarithmic scale">', style(), *legend(programs),
        *grid, *parts, "</svg>", "",
    ])


class Scale:
    def __init__(self, times):
        self.low, self.high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
        self.high = max(self.high, self.low + 1)
        self.ticks = [10.0**power for power in range(self.low, self.high + 1)]

    def x(self, seconds):
        return LEFT + (math.log10(seconds) - self.low) / (self.high - self.low) * (WIDTH - LEFT - RIGHT)


def duration(seconds):
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def legend(programs):
    places = [(24 + index % 3 * 270, 22 + index // 3 * 24) for index in range(len(programs))]
    return [
        mark(program, x, y, program.label) + text(x + 14, y + 4, program.label, "label")
        for program, (x, y) in zip(programs, places)
    ]


def mark(program, x, y, title):
    shape = {
        "disc": '<circle r="7"/>', "ring": '<circle r="5.5" class="open"/>', "bar": '<path class="open" d="M0 -8V8"/>',
        "square": '<rect x="-5.5" y="-5.5" width="11" height="11"/>', "diamond": '<path d="M0 -8L8 0L0 8L-8 0Z"/>',
        "triangle": '<path d="M0 -7.5L7.5 6H-7.5Z"/>',
    }[STYLES[program.name][2]]
    return (
        f'<g class="{program.name}" transform="translate({x:.1f} {y:.1f})"><title>{escape(title)}</title>{shape}</g>')


def text(x, y, words, name, anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{name}" text-anchor="{anchor}">{escape(words)}</text>'


def style():
    light = "".join(f".{name}{{fill:{colors[0]};stroke:{colors[0]}}}" for name, colors in STYLES.items())
    dark = "".join(f".{name}{{fill:{colors[1]};stroke:{colors[1]}}}" for name, colors in STYLES.items())
    return f"""<style>
text {{ font: 13px system-ui, sans-serif; fill: #24292f; stroke: none; }}
.head {{ font-weight: 600; }} .tick {{ font-size: 12px; fill: #57606a; }}
.grid {{ stroke: #d0d7de; }} .row {{ stroke: #eaeef2; }} .open {{ fill: none; stroke-width: 2.5; }}
{light}
@media (prefers-color-scheme: dark) {{
text {{ fill: #e6edf3; }} .tick {{ fill: #9198a1; }} .grid {{ stroke: #3d444d; }} .row {{ stroke: #262c34; }}
{dark}
}}
</style>"""
