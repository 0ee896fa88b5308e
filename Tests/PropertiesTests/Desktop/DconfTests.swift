import PropelTesting
import Synchronization
import Testing

@testable import Properties

@Suite struct DconfTests {
    private let fake = FakeMachine()
    private let database = Database()
    private let clock = Dconf("org/gnome/desktop/interface", ["clock-format": "24h", "show-date": true], of: "pi")

    private final class Database: Sendable {
        let values = Mutex<[String: String]>([:])

        func answer(_ command: Invocation, on fake: FakeMachine) -> CommandResult {
            switch command.arguments[0] {
            case "dump":
                return .printing(
                    values.withLock { $0 }.sorted { $0.key < $1.key }.map { key, value in
                        let parts = key.split(separator: "/")
                        return "[\(parts.dropLast().joined(separator: "/"))]\n\(parts.last ?? "")=\(value)\n\n"
                    }.joined())
            case "load":
                for (key, value) in DconfState.parse(String(decoding: command.input, as: UTF8.self)) {
                    values.withLock { $0[key] = value }
                }
                fake.files.put("/home/pi/.config/dconf/user", "GVariant")
            default: values.withLock { $0[String(command.arguments[1].dropFirst())] = nil }
            }
            return .printing()
        }
    }

    init() {
        fake.hasInstalled("dconf-cli", "dbus")
        fake.files.put("/usr/bin/dconf", "", mode: 0o755)
        let commands = fake.commands
        // What runuser and dbus-run-session start has their standard input.
        commands.program("dconf") { [database, fake] command in database.answer(command, on: fake) }
        commands.program("runuser") { command in
            var words = Array(command.arguments.drop { $0 != "--" }.dropFirst())
            if words.first == "dbus-run-session" { words.removeFirst(2) }
            return try await commands.run(
                Invocation(
                    words[0], Array(words.dropFirst()), environment: command.environment, input: command.input))
        }
    }

    @Test func `settings are written and reset`() async throws {
        let change = try await fake.obeysLaw(clock)
        #expect(change.reason == "clock-format default → '24h'; show-date default → true")
        #expect(fake.commands.log.contains("runuser --user pi -- dbus-run-session -- dconf load /"))
        database.values.withLock { $0["org/gnome/desktop/interface/clock-format"] = "'12h'" }
        #expect(try await fake.obeysLaw(clock).reason == "clock-format '12h' → '24h'")
        database.values.withLock { $0["org/gnome/desktop/interface/other"] = "1" }
        #expect(try await fake.obeysLaw(clock.reverted()).reason == "reset clock-format, show-date")
        #expect(database.values.withLock { $0 } == ["org/gnome/desktop/interface/other": "1"])
    }

    @Test func `the session of the user has them at once`() async throws {
        fake.files.put("/run/user/1000/bus", "")
        try await fake.obeysLaw(clock)
        #expect(fake.commands.log.contains("runuser --user pi -- dconf load /"))
        #expect(!fake.commands.log.contains { $0.contains("dbus-run-session") })
    }

    @Test func `one question answers for all settings of a user, and none without a database`() async throws {
        let more = Dconf("org/gnome/shell", ["favorite-apps": ["a.desktop"]], of: "pi")
        #expect(try await fake.check(clock).reason != nil)
        #expect(fake.commands.log.isEmpty)
        try await fake.obeysLaw(clock)
        try await fake.obeysLaw(more)
        let before = fake.commands.log.count
        fake.machine.forgetFacts()
        for property in [clock, more] { property.announce(to: fake.machine) }
        for property in [clock, more] { #expect(try await property.check(on: fake.machine) == .satisfied) }
        // runuser, and what it starts.
        #expect(fake.commands.log.count == before + 2)
    }

    @Test(arguments: [
        (Dconf.Value.string("it's"), "\"it's\""), (.string("a\\b"), "'a\\\\b'"), (.string("say \"x\""), "'say \"x\"'"),
        ("plain", "'plain'"), (true, "true"), (12, "12"), (1.5, "1.5"), (2.0, "2.0"),
        (.strings(["a", "b"]), "['a', 'b']"),
        (.strings([]), "@as []"), (.raw("uint32 900"), "uint32 900"),
    ]) func `a value is written as dconf prints it`(_ value: Dconf.Value, _ text: String) {
        #expect(value.text == text)
    }

    @Test func `a near miss is written`() async throws {
        fake.files.put("/home/pi/.config/dconf/user", "GVariant")
        database.values.withLock {
            $0 = ["org/gnome/desktop/interface2/clock-format": "'24h'", "org/gnome/desktop/clock-format": "'24h'"]
        }
        try await fake.obeysLaw(Dconf("org/gnome/desktop/interface", ["clock-format": "24h"], of: "pi"))
        #expect(database.values.withLock { $0.count } == 3)
    }

    @Test func `the user and dconf may still come`() async throws {
        #expect(try await fake.check(Dconf("a/b", ["c": "d"], of: "anna")) == .unknown(until: "there is a user anna"))
        #expect(try await fake.checkReverted(Dconf("a/b", ["c": "d"], of: "anna")) == .satisfied)
        try fake.files.remove("/usr/bin/dconf")
        #expect(try await fake.check(clock) == .unknown(until: "dconf-cli is installed"))
    }

    @Test(arguments: [
        Dconf("", ["a": "b"], of: "pi"), Dconf("/org", ["a": "b"], of: "pi"), Dconf("org//x", ["a": "b"], of: "pi"),
        Dconf("org/x", [:], of: "pi"), Dconf("org/x", ["a b": "c"], of: "pi"),
        Dconf("org/x", ["a": .raw("")], of: "pi"),
        Dconf("org/x", ["a": .raw("1\nb=2")], of: "pi"), Dconf("org/x", ["a": "b"], of: "a:b"),
        Dconf("org/x]\n[y", ["a": "b"], of: "pi"),
    ]) func `an invalid declaration is a problem and writes nothing`(_ property: Dconf) async throws {
        #expect(property.problems.count == 1)
        await #expect(throws: Failure.self) { try await property.apply(on: fake.machine) }
        #expect(fake.commands.log.isEmpty)
    }
}
