import PropelTesting
import Properties
import Synchronization

/// A machine in memory with an nginx that says what the real one does, as far as sites are concerned: it knows no
/// directive “nonsense”, loads no certificate in which “bad” stands, and warns of servers with one name.
struct FakeNginx: Sendable {
    let fake = FakeMachine()
    /// The units besides its own.
    let systemd: FakeSystemd
    private let master = Master()

    private final class Master: Sendable {
        let generation = Mutex(1)
        let refusal = Mutex<String?>(nil)
        let state = Mutex("active")
        let refusedText = Mutex<String?>(nil)
    }

    static let installed = ["nginx", "openssl"].map {
        "Package: \($0)\nStatus: install ok installed\nVersion: 1.22.1-9\n\n"
    }.joined()

    init() {
        systemd = FakeSystemd(fake)
        fake.files.put(directory: "/run")
        fake.files.put(directory: "/etc/systemd/system")
        fake.commands.program("systemd-analyze")
        for directory: FilePath in ["/etc/nginx/sites-available", "/etc/nginx/sites-enabled"] {
            fake.files.put(directory: directory)
        }
        fake.files.put(
            "/etc/nginx/nginx.conf",
            "events {}\nhttp {\n\tinclude /etc/nginx/conf.d/*.conf;\n\tinclude /etc/nginx/sites-enabled/*;\n}\n")
        plant(site: "blog", "server { listen 80; }\n")
        fake.files.put(directory: "/etc/ssl/private", mode: 0o710)
        fake.files.put("/var/lib/dpkg/status", Self.installed)
        fake.files.put("/var/log/nginx/error.log", "2026/11/21 10:00:00 [emerg] 7#7: of before\n")
        plantWorkers()
        fake.commands.program("nginx", answer)
        fake.commands.program("systemctl", control)
        fake.commands.program("tail") { [fake] command in
            let first = Int(command.arguments[0].dropFirst("--bytes=+".count)) ?? 1
            let bytes = fake.files[FilePath(command.arguments[2])]?.bytes ?? []
            return CommandResult(ending: .exited(0), output: Array(bytes.dropFirst(first - 1)))
        }
    }

    /// Puts an enabled site there that is nobody's.
    func plant(site: String, _ text: String) {
        fake.files.put(FilePath("/etc/nginx/sites-available/\(site)"), text)
        fake.files.put(FilePath("/etc/nginx/sites-enabled/\(site)"), linkTo: "/etc/nginx/sites-available/\(site)")
    }

    /// From now on the running nginx refuses what it is to use, and says this in its log; nothing by default, and it
    /// takes it again.
    func refuseReloads(_ words: String? = nil) { master.refusal.withLock { $0 = words } }

    /// From now on nginx cannot be started while this stands in an enabled site.
    func refuseStarts(with text: String) { master.refusedText.withLock { $0 = text } }

    /// nginx does not run.
    /// - Parameter state: what systemd says of its unit.
    func stop(_ state: String = "inactive") { master.state.withLock { $0 = state } }

    /// Whether nginx runs.
    var isRunning: Bool { master.state.withLock { $0 == "active" } }

    /// How often the running nginx has begun with a new configuration.
    var generation: Int { master.generation.withLock { $0 } }

    /// How often it was asked to.
    var reloads: Int { fake.commands.log.filter { $0 == "systemctl reload -- nginx.service" }.count }

    /// How often it had to judge a configuration.
    var trials: Int { fake.commands.log.filter { $0.hasPrefix("nginx -t") }.count }

    /// Everything in /etc.
    var configuration: [FilePath: FakeFileSystem.Node] { fake.files.snapshot.filter { $0.key.starts(with: "/etc") } }

    func text(_ site: String) -> String { fake.files.text(at: FilePath("/etc/nginx/sites-available/\(site)")) ?? "" }

    func isEnabled(_ site: String) -> Bool { fake.files[FilePath("/etc/nginx/sites-enabled/\(site)")] != nil }

    func certificate(_ site: String) -> String? { fake.files.text(at: FilePath("/etc/ssl/private/nginx-\(site).pem")) }

    func host(@PropertyBuilder<Debian> _ properties: () -> [Declaration]) -> Host {
        Host("test", runs: Debian.self, properties)
    }

    func enforce(_ host: Host, emit: @escaping @Sendable (Event) -> Void = { _ in }) async -> RunSummary {
        fake.machine.forgetFacts()
        return await Engine(host: host, machine: fake.machine, emit: emit).enforce()
    }

    /// A run that has these secrets, each in the version that its plaintext is.
    func enforce(
        _ host: Host, _ plaintexts: [String: String], emit: @escaping @Sendable (Event) -> Void = { _ in }
    ) async -> RunSummary {
        let secrets = Secrets(versions: plaintexts) { names in
            try names.reduce(into: [:]) { $0[$1] = try SecretBytes(copying: Array((plaintexts[$1] ?? "").utf8)) }
        }
        return await Engine(host: host, machine: fake.run(with: secrets).machine, emit: emit).enforce()
    }

    // MARK: Its programs

    /// The files that it reads, in order, as it calls them.
    private func read(from path: String) -> [(path: String, text: String)] {
        let main = fake.files.text(at: FilePath(path)) ?? ""
        let included = main.split(separator: "include \"").dropFirst().compactMap {
            $0.split(separator: "\"").first.map(String.init)
        }
        return [(path, main)]
            + included.map { name in
                let destination = fake.files[FilePath(name)]?.destination ?? ""
                return (name, fake.files.text(at: destination.isEmpty ? FilePath(name) : FilePath(destination)) ?? "")
            }
    }

    private func answer(_ command: Invocation) -> CommandResult {
        let files = read(from: command.arguments.last ?? "")
        if command.arguments.first == "-T" {
            return .printing(files.map { "# configuration file \($0.path):\n\($0.text)\n" }.joined())
        }
        var names: Set<Substring> = [], warnings = ""
        for file in files {
            var own: Set<Substring> = []
            for line in file.text.split(separator: "\n").map({ $0.drop { $0 == " " } }) {
                if line.contains("nonsense") {
                    return .failing(1, "nginx: [emerg] unknown directive \"nonsense\" in \(file.path):7\n")
                }
                if line.hasPrefix("ssl_certificate "), let certificate = line.split(separator: " ").last?.dropLast(),
                    fake.files.text(at: FilePath(String(certificate)))?.contains("bad") == true
                {
                    return .failing(
                        1, "nginx: [emerg] cannot load certificate \"\(certificate)\": PEM_read_bio_X509_AUX() failed\n"
                    )
                }
                if line.hasPrefix("server_name ") { own.formUnion(line.dropLast().split(separator: " ").dropFirst()) }
            }
            for name in own.intersection(names) {
                warnings += "nginx: [warn] conflicting server name \"\(name)\" on 0.0.0.0:80, ignored\n"
            }
            names.formUnion(own)
        }
        return CommandResult(ending: .exited(0), errors: Array(warnings.utf8))
    }

    private func control(_ command: Invocation) -> CommandResult {
        if command.arguments.contains("--property=MainPID") { return .printing(isRunning ? "100\n" : "0\n") }
        let isItsOwn = command.arguments.last == "nginx.service"
        if isItsOwn, command.arguments.first == "start" {
            let refused = master.refusedText.withLock { $0 }
            let isRefused = refused.map { word in
                fake.files.snapshot.keys.contains {
                    $0.starts(with: "/etc/nginx/sites-available") && fake.files.text(at: $0)?.contains(word) == true
                }
            }
            stop(isRefused == true ? "failed" : "active")
            return isRefused == true ? .failing(1, "Job for nginx.service failed.") : .printing()
        }
        if isItsOwn, command.arguments.first == "reload" {
            guard isRunning else { return .failing(1, "nginx.service is not active, cannot reload.") }
            if let words = master.refusal.withLock({ $0 }) {
                let log: FilePath = "/var/log/nginx/error.log"
                fake.files.put(log, (fake.files.text(at: log) ?? "") + words)
            } else {
                master.generation.withLock { $0 += 1 }
                plantWorkers()
            }
            return .printing()
        }
        systemd["nginx.service"] = FakeSystemd.Unit(active: master.state.withLock { $0 }, file: "enabled")
        // systemd finds the file of a unit that it is asked for, even if nobody has told it to read it.
        for unit in (try? fake.files.list("/etc/systemd/system")) ?? [] where systemd[unit] == nil {
            systemd[unit] = FakeSystemd.Unit()
        }
        return systemd.answer(command)
    }

    /// Two workers of this generation, one of the last generation that is about to exit, and processes that are not
    /// workers.
    private func plantWorkers() {
        func plant(_ number: Int, parent: Int, _ title: String) {
            fake.files.put(
                FilePath("/proc/\(number)/stat"),
                "\(number) (nginx) (x)) S \(parent) 1 1 0 -1 1 1 1 1 1 1 1 1 1 20 0 1 0 \(number * 10) 1 1\n")
            fake.files.put(FilePath("/proc/\(number)/cmdline"), title + "\0\0\0")
        }
        let generation = generation
        plant(100, parent: 1, "nginx: master process /usr/sbin/nginx -g daemon on; master_process on;")
        plant(99, parent: 7, "nginx: worker process")
        plant(110 + generation, parent: 100, "nginx: worker process")
        plant(130 + generation, parent: 100, "nginx: worker process")
        plant(110 + generation - 1, parent: 100, "nginx: worker process is shutting down")
        plant(130 + generation - 1, parent: 100, "nginx: worker process is shutting down")
        plant(150, parent: 100, "nginx: cache manager process")
    }
}
