import Propel
import Testing

@Suite struct MessageTests {
    static let failure = Failure(
        "apt-get failed", command: "apt-get install 'a b'", ending: "exit status 100",
        output: ["one", "", "\u{1B}[31mtwo"], advice: "Try again.")
    static let putBack = {
        var failure = Failure("put back, since …")
        failure.isPutBack = true
        return failure
    }()
    static let drift = {
        var report = PropertyReport(path: "a", status: .changed)
        report.isDrift = true
        return report
    }()
    static let events: [Event] = [
        .started(run: "20250131T120000Z", host: "pi.local", system: "Debian GNU/Linux 12 (bookworm)", steps: 40),
        .applying(path: "docker/daemon.json"), .applying(path: "docker/daemon.json", usual: 2.5),
        .progress(path: "docker image app", words: "step 1/2: RUN make"),
        .heartbeat, .answer(["a": [1]]), .refused(failure), .begun(run: "20250131T120000Z-1"),
        .confirm(token: "1f"), .ready, .promised(round: 2), .refused(putBack),
        .needs(secrets: ["a", "b"]), .fetch(ContentRange(hash: SHA256.hash([]), offset: 1 << 20, size: 1 << 20)),
        .property(PropertyReport(path: "a", status: .ok)), .property(drift),
        .property(
            PropertyReport(
                path: "a\nb", status: .wouldChange, seconds: 1.25, detail: "x → y", diff: "-a\n+b",
                place: "Sources/Hosts/Pi.swift:3")),
        .property(PropertyReport(path: "a", status: .failed, seconds: 2, detail: "apt-get failed", failure: failure)),
        .locked(LockHolder(deployer: "anna@laptop", since: "2025-01-31T12:00:00Z", run: "x")),
        .ended(RunSummary(counts: [.ok: 3, .failed: 1], isInterrupted: true)), .ended(RunSummary(counts: [:])),
        .ended(measured),
    ]

    private static var measured: RunSummary {
        var summary = RunSummary(counts: [.ok: 3], peakMemory: 1 << 20)
        summary.programs = 2
        return summary
    }

    @Test(arguments: events) func `an event survives the wire`(event: Event) throws {
        let line = event.json.description
        #expect(!line.contains { $0.isNewline })
        #expect(try Event(JSON(parsing: line)) == event)
    }

    @Test(arguments: PropertyReport.Status.allCases) func `every status survives the wire`(
        status: PropertyReport.Status
    ) throws {
        let event = Event.property(PropertyReport(path: "a", status: status))
        #expect(try Event(JSON(parsing: event.json.description)) == event)
        let ending = Event.ended(RunSummary(counts: [status: 1]))
        #expect(try Event(JSON(parsing: ending.json.description)) == ending)
    }

    @Test(arguments: [
        Request(entry: HostEntry(name: "a", role: "b"), deployer: "c"),
        Request(
            entry: HostEntry(name: "a", role: "b"), deployer: "c",
            operation: HostOperation("back up", arguments: ["id": "d"]), stepHashes: ["1f", ""]),
        Request(
            entry: HostEntry(
                name: "pi.local", role: "pi", tag: "v1", keys: ["swap": "1 GiB", "list": [1, nil, ["x": true]]]),
            only: ["docker", "a/b c"], deployer: "anna@laptop", secrets: ["db-password": "9b1f"]),
        Request(
            entry: HostEntry(name: "a", role: "b"),
            fleet: [
                FleetHost("c", role: "d"),
                FleetHost(
                    "e", role: "f", address: "2001:db8::7", port: 2222, hostKeys: ["ssh-ed25519 AAAA"], tag: "v1",
                    tags: ["shop": "v2"], keys: ["vpn": ["x": 1]]),
            ], deployer: "c"),
    ])
    func `a request survives the wire`(request: Request) throws {
        let line = request.json.description
        #expect(!line.contains { $0.isNewline })
        #expect(try Request(JSON(parsing: line)) == request)
    }

    @Test func `a request tells whether hosts are deployed together, and in words that are understood`() throws {
        var request = Request(entry: HostEntry(name: "a", role: "b"), deployer: "c")
        #expect(request.json["together"] == nil)
        request.isTogether = true
        #expect(try Request(JSON(parsing: request.json.description)) == request)
        var other = Self.request
        other["together"] = "yes"
        #expect(throws: MalformedMessage.self) { try Request(.object(other)) }
    }

    /// As those of earlier versions.
    @Test func `a request of a role that reads no other host has no fleet`() throws {
        let request = Request(entry: HostEntry(name: "a", role: "b"), deployer: "c")
        #expect(request.json["fleet"] == nil)
        #expect(try Request(.object(Self.request)) == request)
    }

    @Test func `an instruction survives the wire`() throws {
        #expect(try Instruction(JSON(parsing: Instruction.interrupt.json.description)) == .interrupt)
        let secret = Instruction.secret(name: "db-password", size: 20)
        #expect(try Instruction(JSON(parsing: secret.json.description)) == secret)
        let unavailable = Instruction.unavailable(hash: SHA256.hash([]), reason: "files/a has changed")
        #expect(try Instruction(JSON(parsing: unavailable.json.description)) == unavailable)
        for reason in [Unconfirmed("nobody came"), Unconfirmed(.root, "no")] {
            let unconfirmed = Instruction.unconfirmed(reason)
            #expect(try Instruction(JSON(parsing: unconfirmed.json.description)) == unconfirmed)
        }
        for decision in [WaveDecision.open, .promise(round: 2), .stay, .putBack(because: "web2 failed")] {
            let instruction = Instruction.decide(decision)
            #expect(try Instruction(JSON(parsing: instruction.json.description)) == instruction)
        }
        for malformed: JSON in [
            ["kind": "wave"], ["kind": "wave", "decision": "perhaps"], ["kind": "wave", "decision": "put back"],
            ["kind": "wave", "decision": "promise"],
            ["kind": "reboot"], ["kind": "unconfirmed"], ["kind": "unconfirmed", "proof": 1, "reason": "a"],
            ["kind": "unavailable", "file": "a"], ["kind": "secret", "name": "a"],
            ["kind": "secret", "size": 1],
            ["kind": "secret", "name": "a", "size": -1],
            ["kind": "secret", "name": "a", "size": .integer(Secret.sizeLimit + 1)],
        ] {
            #expect(throws: MalformedMessage.self) { try Instruction(malformed) }
        }
    }

    @Test(
        arguments: [
            nil, [], "started", [:], ["kind": 1], ["kind": "unheard of"], ["kind": "started"],
            ["kind": "started", "run": "a", "host": "b", "system": "c"],
            ["kind": "applying"], ["kind": "applying", "path": 1], ["kind": "applying", "path": "a", "usual": -1],
            ["kind": "property"],
            ["kind": "property", "path": "a", "status": "fine", "seconds": 0, "detail": ""],
            ["kind": "property", "status": "ok", "seconds": 0, "detail": ""],
            ["kind": "property", "path": "a", "status": "ok", "seconds": "1", "detail": ""],
            ["kind": "property", "path": "a", "status": "ok", "seconds": 1e300, "detail": ""],
            ["kind": "property", "path": "a", "status": "ok", "seconds": -1, "detail": ""],
            ["kind": "property", "path": "a", "status": "ok", "seconds": 1, "detail": "", "diff": 1],
            ["kind": "property", "path": "a", "status": "failed", "seconds": 1, "detail": "", "failure": "x"],
            ["kind": "fetch", "file": "../../etc/passwd", "offset": 0, "size": 1],
            ["kind": "fetch", "file": .string(SHA256.hash([])), "offset": -1, "size": 1],
            ["kind": "fetch", "file": .string(SHA256.hash([])), "offset": 0, "size": .integer(ContentRange.limit + 1)],
            ["kind": "needs"], ["kind": "needs", "secrets": [1]], ["kind": "confirm"], ["kind": "confirm", "token": 1],
            ["kind": "promised"],
            ["kind": "locked"],
            ["kind": "locked", "holder": ["deployer": "a"]], ["kind": "refused"],
            ["kind": "refused", "failure": ["output": []]],
            ["kind": "refused", "failure": ["message": "a", "output": [1]]], ["kind": "ended"],
            ["kind": "ended", "counts": ["ok": 1]],
            ["kind": "ended", "counts": [], "interrupted": false],
        ] as [JSON])
    func `a malformed event is an error`(message: JSON) {
        #expect(throws: MalformedMessage.self) { try Event(message) }
    }

    /// Counts are added up, so a hostile count must not overflow.
    @Test(arguments: [-1, Int.max]) func `a count out of range is an error`(count: Int) {
        let message = Event.ended(RunSummary(counts: [.wouldChange: count])).json
        #expect(throws: MalformedMessage.self) { try Event(message) }
    }

    static let request: [String: JSON] = [
        "kind": "request", "version": .integer(Request.version), "host": "a", "role": "b", "keys": [:], "only": [],
        "deployer": "c",
        "secrets": [:],
    ]

    @Test(
        arguments: [
            ("kind", nil), ("kind", "event"), ("version", nil), ("version", 0), ("version", "1"), ("host", nil),
            ("host", 1), ("role", nil), ("keys", nil), ("keys", []),
            ("only", nil), ("only", "a"), ("only", [1]), ("only", ["a", nil]), ("tag", 1), ("deployer", nil),
            ("secrets", nil), ("secrets", []), ("secrets", ["a": 1]), ("steps", "1f"), ("steps", [1]), ("tags", []),
            ("tags", ["a": 1]), ("restarts", "a"), ("fleet", "a"), ("fleet", [1]), ("fleet", [["name": "a"]]),
            ("fleet", [["name": "a", "role": "b", "port": 0]]), ("fleet", [["name": "a", "role": "b", "port": 65536]]),
            ("fleet", [["name": "a", "role": "b", "keys": []]]), ("fleet", [["name": "a", "role": "b", "tags": "v1"]]),
        ] as [(String, JSON?)])
    func `a malformed request is an error`(key: String, value: JSON?) throws {
        var message = Self.request
        #expect(throws: Never.self) { try Request(.object(message)) }
        message[key] = value
        #expect(throws: MalformedMessage.self) { try Request(.object(message)) }
    }
}
