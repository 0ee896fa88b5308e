import Foundation

/// A TCP relay in front of a machine's sshd that delays, throttles, cuts and freezes its connections.
///
/// What is frozen stays open, and gets through once it thaws: a network that was down for a while does that too.
final class LinkRelay {
    enum Side: String { case up, down }
    enum Disturbance: String { case cut, freeze }

    let port: Int
    private let process = Process()
    private let input = Pipe(), output = Pipe()

    private static let script = """
        import socket, sys, threading, time
        listener = socket.create_server(("127.0.0.1", 0))
        changed = threading.Condition()
        state = {"plan": None, "delay": 0.0, "rate": 0.0, "up": 0, "down": 0}
        pairs = []
        def cut(pair):
            for end in pair["ends"]:
                try: end.shutdown(socket.SHUT_RDWR)
                except OSError: pass
        def pump(source, sink, side, pair):
            try:
                while data := source.recv(65536):
                    action, rest = None, b""
                    with changed:
                        while pair["frozen"]: changed.wait()
                        state[side] += len(data)
                        plan, delay, rate = state["plan"], state["delay"], state["rate"]
                        if plan and plan[0] == side:
                            if plan[1] < len(data):
                                data, rest, action = data[:plan[1]], data[plan[1]:], plan[2]
                                state["plan"] = None
                            else: plan[1] -= len(data)
                    if delay: time.sleep(delay)
                    if rate: time.sleep(len(data) / rate)
                    sink.sendall(data)
                    if action == "cut": break
                    if action == "freeze":
                        with changed:
                            pair["frozen"] = True
                            while pair["frozen"]: changed.wait()
                        sink.sendall(rest)
            except OSError: pass
            cut(pair)
        def accept():
            while True:
                client = listener.accept()[0]
                try: server = socket.create_connection((sys.argv[1], 22), timeout=10)
                except OSError:
                    client.close()
                    continue
                server.settimeout(None)
                for end in (client, server): end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                pair = {"ends": (client, server), "frozen": False}
                with changed: pairs.append(pair)
                for ends in ((client, server, "up"), (server, client, "down")):
                    threading.Thread(target=pump, args=ends + (pair,), daemon=True).start()
        threading.Thread(target=accept, daemon=True).start()
        print(listener.getsockname()[1], flush=True)
        for line in sys.stdin:
            words, answer = line.split(), "done"
            with changed:
                if words[0] == "after": state["plan"] = [words[1], int(words[2]), words[3]]
                elif words[0] == "slow": state["delay"], state["rate"] = float(words[1]), float(words[2])
                elif words[0] == "cut":
                    for pair in pairs: cut(pair)
                elif words[0] == "thaw":
                    for pair in pairs: pair["frozen"] = False
                elif words[0] == "count":
                    answer = "%d %d" % (state["up"], state["down"])
                    state["up"] = state["down"] = 0
                changed.notify_all()
            print(answer, flush=True)
        """

    /// Starts the relay.
    /// - Parameter address: of the machine.
    init(to address: String) throws {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.script, address]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard let port = Int(try Self.line(from: output)) else { throw Unexpected("the relay does not start") }
        self.port = port
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Disturbs the connection over which this number of bytes has passed, from now on. Later ones pass.
    func disturb(_ side: Side, after count: Int, by disturbance: Disturbance) throws {
        try tell("after \(side.rawValue) \(count) \(disturbance.rawValue)")
    }

    /// Delays every piece by seconds, and throttles to bytes per second; 0 for neither.
    func slow(delay: Double, rate: Int) throws { try tell("slow \(delay) \(rate)") }

    /// Cuts all connections now. Later ones pass.
    func cut() throws { try tell("cut") }

    /// Lets through what was frozen.
    func thaw() throws { try tell("thaw") }

    /// The bytes that have passed in each direction since the last call.
    func count() throws -> (up: Int, down: Int) {
        let numbers = try tell("count").split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2 else { throw Unexpected("the relay has counted \(numbers)") }
        return (numbers[0], numbers[1])
    }

    @discardableResult
    private func tell(_ command: String) throws -> String {
        try input.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
        return try Self.line(from: output)
    }

    private static func line(from pipe: Pipe) throws -> String {
        var line = Data()
        while let byte = try pipe.fileHandleForReading.read(upToCount: 1), byte != Data([0x0A]) {
            guard !byte.isEmpty else { break }
            line += byte
        }
        return String(decoding: line, as: UTF8.self)
    }
}
