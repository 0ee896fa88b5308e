/// The record of the guarded changes of a run that nobody has confirmed yet, and of the way to put them back.
struct GuardRecord: Sendable, Equatable {
    /// The ID of the run.
    var run: String
    /// The token that a new connection must deliver.
    var token: String
    /// The boot in which the changes are made; see ``Boot``.
    var boot: String
    /// The process of the run; nil if it is not known.
    var process: RunningProcess?
    /// The login of the deployer; nil if it is not known.
    var user: String?
    /// Whether a confirmation is not enough for them to stay: hosts that are deployed together decide at the end of the
    /// run.
    var isTogether = false
    /// The boot that a restart in the middle of the run ends; nil without one. The changes were confirmed before it,
    /// and are confirmed again by the run that goes on after it.
    var restartedFrom: String?
    /// Whether the restart has happened; then ``boot`` is the one after it.
    var isRestarted = false
    /// Whether they are being put back: from then on a confirmation comes too late.
    var isReturning = false
    /// The paths of the properties.
    var changes: [String] = []
    /// The commands that stop what the changes have started, before the files go back.
    var first: [Invocation] = []
    /// The commands that restore what is not in files.
    var commands: [Invocation] = []
    /// The commands that the actions of the changes have run. Run again, they bring the former files into effect.
    var repetitions: [Invocation] = []

    init(run: String, token: String, boot: String, process: RunningProcess? = nil, user: String? = nil) {
        self.run = run
        self.token = token
        self.boot = boot
        self.process = process
        self.user = user
    }
}

extension GuardRecord {
    var json: JSON {
        .object(present: [
            "run": .string(run), "token": .string(token), "boot": .string(boot), "process": process?.json,
            "user": user.map(JSON.string), "together": .bool(isTogether), "returning": .bool(isReturning),
            "restarted-from": restartedFrom.map(JSON.string), "restarted": .bool(isRestarted),
            "changes": .array(changes.map(JSON.string)), "first": .array(first.map(\.json)),
            "commands": .array(commands.map(\.json)), "repetitions": .array(repetitions.map(\.json)),
        ])
    }

    init(_ json: JSON) throws {
        self.init(
            run: try json.text("run"), token: try json.text("token"), boot: try json.text("boot"),
            process: try json["process"].map(RunningProcess.init), user: try json.optionalText("user"))
        isTogether = json["together"]?.bool ?? false
        isReturning = json["returning"]?.bool ?? false
        restartedFrom = try json.optionalText("restarted-from")
        isRestarted = json["restarted"]?.bool ?? false
        changes = try json.texts("changes")
        func invocations(_ key: String) throws -> [Invocation] {
            try (try json.member(key).array ?? []).map { try Invocation($0) }
        }
        first = try invocations("first")
        commands = try invocations("commands")
        repetitions = try invocations("repetitions")
    }
}

extension Invocation {
    fileprivate var json: JSON {
        [
            "program": .string(program), "arguments": .array(arguments.map(JSON.string)),
            "environment": .object(environment.mapValues(JSON.string)),
            "input": .string(String(decoding: input, as: UTF8.self)),
        ]
    }

    fileprivate init(_ json: JSON) throws {
        self.init(
            try json.text("program"), try json.texts("arguments"),
            environment: (json["environment"]?.object ?? [:]).compactMapValues(\.string),
            input: Array((json["input"]?.string ?? "").utf8), timeout: .minutes(2))
    }
}
