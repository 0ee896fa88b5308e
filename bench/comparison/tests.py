"""Tests of bench/compare that need no machine: Scripts/test-comparison."""

import re
import socket
import tempfile
import threading
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from . import cells, chart, programs, relay, report
from .cells import Cell
from .machines import PACKAGES
from .measurements import Measurements
from .programs import Unexpected
from .site import Host, Site

HERE = Path(__file__).resolve().parent
HOSTS = [Host(name, "127.0.0.1", 2200, "/key", "ssh-ed25519 AAAA") for name in ["a-01", "a-02"]]
PROGRAMS = {program.name: program for program in programs.all_programs(tools=None)}


def site(cell, hosts):
    return SimpleNamespace(cell=cell, hosts=hosts)


class CellsTests(unittest.TestCase):
    def test_names_are_unique_and_can_be_chosen(self):
        names = [cell.name for cell in cells.CELLS]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual([cell.name for cell in cells.chosen(["no-change/39/30ms"])], ["no-change/39/30ms"])
        self.assertEqual([cell.hosts for cell in cells.chosen(["no-change/39/0ms"])], [1])
        self.assertEqual({cell.hosts for cell in cells.chosen(["no-change/39"])}, {1, 16, 50})
        self.assertEqual(cells.chosen([]), cells.CELLS)
        self.assertEqual({cell.delay for cell in cells.chosen(["*/30ms"])}, {30})
        with self.assertRaises(SystemExit):
            cells.chosen(["no"])

    def test_another_number_of_changes_is_not_what_a_cell_expects(self):
        self.assertTrue(Cell("no-change", 39).expects(0))
        self.assertFalse(Cell("no-change", 39).expects(1))
        self.assertTrue(Cell("one-file", 39, hosts=2).expects(2))
        self.assertFalse(Cell("one-file", 39).expects(0))
        self.assertFalse(Cell("first-run", 39).expects(0))


class OutputTests(unittest.TestCase):
    cell = Cell("no-change", 50, hosts=2)

    def changes(self, name, output):
        return PROGRAMS[name].changes(output, site(self.cell, HOSTS))

    def test_propel(self):
        head = "host        ok  changed   failed  skipped        time  result\n"
        one = "a-01        51        0        0        0      257 ms  converged, nothing changed\n"
        two = "a-02        48        3        0        0      1.1 s   converged\n"
        self.assertEqual(self.changes("propel", head + one + two), 3)
        for second in ["", two.replace("48", " 8"), two.replace("3        0", "0        3")]:
            with self.assertRaises(Unexpected):
                self.changes("propel", head + one + second)

    def test_pyinfra(self):
        row = "    Grand total        78      2         -       76\n"
        self.assertEqual(self.changes("pyinfra", row), 2)
        for other in ["", row.replace("76", "75"), "    Grand total      78      -      1      77\n"]:
            with self.assertRaises(Unexpected):
                self.changes("pyinfra", other)

    def test_ansible(self):
        rest = "skipped=0    rescued=0    ignored=0\n"
        one = "a-01    : ok=10   changed=0    unreachable=0    failed=0    " + rest
        two = "a-02    : ok=10   changed=1    unreachable=0    failed=0    " + rest
        self.assertEqual(self.changes("ansible", one + two), 1)
        for second in ["", two.replace("failed=0", "failed=1"), two.replace("unreachable=0", "unreachable=1")]:
            with self.assertRaises(Unexpected):
                self.changes("mitogen", one + second)

    def test_a_failed_program_has_no_time(self):
        login = programs.Login("ssh", "ssh", [])
        login.commands = lambda site: [["true"], ["false"]]
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(Unexpected):
            login.run(SimpleNamespace(folder=folder))


    def test_an_interrupted_benchmark_ends_its_programs(self):
        login = programs.Login("ssh", "ssh", [])
        with tempfile.TemporaryDirectory() as folder:
            # The second cannot be started, so that the first is ended; it had started another.
            login.commands = lambda site: [["sh", "-c", "sleep 600 & echo $! > started; wait"], ["./missing"]]
            started = []
            starting = programs.subprocess.Popen

            def start(command, **options):
                if started:
                    while not Path(folder, "started").exists() or not Path(folder, "started").read_text():
                        pass
                started.append(starting(command, **options))
                return started[-1]

            with mock.patch.object(programs.subprocess, "Popen", start), self.assertRaises(FileNotFoundError):
                login.run(SimpleNamespace(folder=folder))
            self.assertIsNotNone(started[0].returncode)
            child = Path(folder, "started").read_text().strip()
            # It is gone, or was ended and has not been collected by its new parent yet.
            state = Path(f"/proc/{child}/stat")
            while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z":
                pass


class SiteTests(unittest.TestCase):
    def test_every_program_gets_the_same_hosts(self):
        with tempfile.TemporaryDirectory() as folder:
            place = Site(folder, folder)
            place.describe(Cell("one-file", 39), HOSTS[:1], note='a "quoted" note')
            conf = Path(folder, "hosts.conf").read_text()
            self.assertIn('["a-01"]\nrole = "bench"\naddress = "127.0.0.1"\nport = 2200\n', conf)
            self.assertIn('files = 10\nnote = "a \\"quoted\\" note"\n', conf)
            self.assertEqual(Path(folder, "known_hosts").read_text(), "[127.0.0.1]:2200 ssh-ed25519 AAAA\n")
            values = {}
            exec(Path(folder, "inventory.py").read_text(), values)
            self.assertEqual(values["hosts"][0][1]["note"], 'a "quoted" note')

    def test_the_three_descriptions_are_of_the_same_resources(self):
        fleet = HERE.parent.parent / "Tests/Fixtures/Fleet/Sources/Hosts/Bench.swift"
        descriptions = [fleet.read_text(), (HERE / "deploy.py").read_text(), (HERE / "playbook.yml").read_text()]
        names = PACKAGES.split() + ["anna", "ben", "clara", "ssh", "systemd-journald", "systemd-logind", "dbus"]
        names += ["systemd-networkd", "address", "port", "timeout"]
        for text in descriptions:
            words = set(re.findall(r"[\w-]+", text))
            self.assertEqual([name for name in names if name not in words], [])
        self.assertEqual(len(PACKAGES.split()), cells.PACKAGES)
        # One by one: the name, the directory, the note, three lines, the packages, three users with a link, services.
        self.assertEqual(1 + 1 + 1 + 3 + cells.PACKAGES + 3 * 2 + 5, cells.OTHER_RESOURCES)


class MeasurementsTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name, "measurements.jsonl")

    def test_a_second_start_goes_on_after_a_line_that_was_cut_off(self):
        first = Measurements(self.file)
        first.add("c", "propel", 1, 0.2, 1)
        with self.file.open("a") as file:
            file.write('{"cell": "c", "prog')
        second = Measurements(self.file)
        self.assertTrue(second.has("c", "propel", 1))
        self.assertFalse(second.has("c", "propel", 2))
        second.add("c", "propel", 2, 0.4, 1)
        self.assertEqual(Measurements(self.file).rounds("c", "propel"), {1: 0.2, 2: 0.4})

    def test_ratios_are_of_the_same_rounds(self):
        measurements = Measurements(self.file)
        for number, (propel, other) in enumerate([(1, 2), (10, 30), (1, 4), (100, None)]):
            measurements.add("c", "propel", number, propel, 0)
            if other:
                measurements.add("c", "other", number, other, 0)
        self.assertEqual(measurements.ratio("c", "other", "propel"), 3)
        self.assertEqual(measurements.median("c", "propel"), 5.5)
        self.assertIsNone(measurements.ratio("c", "third", "propel"))

    def test_the_page_keeps_what_people_wrote(self):
        measurements = Measurements(self.file)
        shown = list(PROGRAMS.values())
        old = f"# Results\n\nwritten\n\n{report.BEGIN}\nold\n{report.END}\n\nafter\n"
        for program, seconds in [("propel", 0.16), ("ssh", 0.32), ("ansible", 16)]:
            measurements.add("no-change/39/0ms", program, 1, seconds, 0.5)
        page = report.page(old, measurements, shown, ["2 cores"], ["Propel at 1"])
        self.assertTrue(page.startswith("# Results\n\nwritten\n\n") and page.endswith("\n\nafter\n"))
        self.assertNotIn("old", page)
        self.assertIn("| 39 resources, 0 ms | 160 ms (1) | 320 ms (1) | – | – | – | 16.0 s (1) | 0.5 |", page)
        self.assertIn("| 39 resources, 0 ms | 0.50 | – | – | – | 100 |", page)
        self.assertEqual(report.page(page, measurements, shown, ["2 cores"], ["Propel at 1"]), page)

    def test_the_chart_has_a_mark_for_each_median(self):
        measurements = Measurements(self.file)
        shown = list(PROGRAMS.values())
        empty = len(xml.fromstring(chart.svg(measurements, shown)).findall(".//{*}g"))
        measurements.add("no-change/39/0ms", "propel", 1, 0.16, 0)
        measurements.add("first-run/39/0ms", "ansible", 1, 60, 0)
        drawing = chart.svg(measurements, shown)
        self.assertEqual(len(xml.fromstring(drawing).findall(".//{*}g")), empty + 2)
        self.assertIn("prefers-color-scheme: dark", drawing)


class RelayTests(unittest.TestCase):
    def test_bytes_arrive_in_order_and_each_end_is_carried(self):
        server = socket.create_server(("127.0.0.1", 0))

        def echo():
            connection, _ = server.accept()
            received = b""
            while data := connection.recv(65536):
                received += data
            connection.sendall(received + b"end")
            connection.close()

        threading.Thread(target=echo, daemon=True).start()
        listener, _ = relay.listen(server.getsockname(), 0.002)
        sent = bytes(range(256)) * 4096
        with socket.create_connection(listener.getsockname()) as client:
            def send():
                client.sendall(sent)
                client.shutdown(socket.SHUT_WR)

            threading.Thread(target=send, daemon=True).start()
            received = b""
            while data := client.recv(65536):
                received += data
        self.assertEqual(received, sent + b"end")
        listener.close()
        server.close()
