import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

@Suite(.recorded) struct NginxTrialTests {
    let nginx = FakeNginx()

    private var fake: FakeMachine { nginx.fake }

    private func site(_ name: String, _ directives: String = "", names: [String]? = nil) -> Nginx.Site {
        Nginx.Site(name, names: names ?? ["\(name).example.com"], proxyTo: 8080, directives: directives)
    }

    /// The configurations that nginx has read, in order.
    private func configurations(_ run: () async throws -> Void) async rethrows -> [String] {
        let seen = Reports()
        fake.commands.program("nginx") { [fake] command in
            seen.add(fake.files.text(at: FilePath(command.arguments.last ?? "")) ?? "")
            return .printing()
        }
        try await run()
        return seen.lines
    }

    @Test func `a site is tried together with the others, and the trial is removed`() async {
        let seen = await configurations { #expect(await nginx.enforce(nginx.host { site("shop") })[.failed] == 0) }
        #expect(fake.commands.log.contains("nginx -t -q -c /etc/nginx/.propel-trial.conf"))
        #expect(
            seen == [
                "events {}\nhttp {\n\tinclude /etc/nginx/conf.d/*.conf;\n\tinclude "
                    + "\"/etc/nginx/sites-enabled/blog\"; include \"/run/propel-scratch/nginx/shop\";\n}\n"
            ])
        #expect(fake.files["/etc/nginx/.propel-trial.conf"] == nil)
        #expect(fake.files["/run/propel-scratch"] == nil)
    }

    @Test func `the rest of the line that includes the sites is tried too`() async {
        let sites = "include \"/etc/nginx/sites-enabled/blog\"; include \"/run/propel-scratch/nginx/shop\";"
        for (main, tried) in [
            (
                "http { include /etc/nginx/conf.d/*.conf; include /etc/nginx/sites-enabled/*; include "
                    + "/etc/nginx/more; }",
                "http { include /etc/nginx/conf.d/*.conf; \(sites) include /etc/nginx/more; }"
            ),
            (
                "http {\n  include\n    'sites-enabled/*' ; gzip on; # include sites-enabled/*;\n}",
                "http {\n  \(sites) gzip on; # include sites-enabled/*;\n}"
            ),
            (
                "http { log_format a '#{;\\'include sites-enabled/*;'; include sites-enabled/*;}",
                "http { log_format a '#{;\\'include sites-enabled/*;'; \(sites)}"
            ),
        ] {
            fake.files.put("/etc/nginx/nginx.conf", main)
            let seen = await configurations { #expect(await nginx.enforce(nginx.host { site("shop") })[.failed] == 0) }
            #expect(seen == [tried])
            #expect(await nginx.enforce(nginx.host { site("shop").reverted() })[.failed] == 0)
        }
    }

    @Test func `a configuration that reads no sites is refused`() async {
        fake.files.put("/etc/nginx/nginx.conf", "http {\n# include /etc/nginx/sites-enabled/*;\n}\n")
        #expect(await nginx.enforce(nginx.host { site("shop") })[.failed] == 1)
        #expect(!nginx.isEnabled("shop"))
    }

    @Test func `a site that nginx refuses is not put in place`() async throws {
        #expect(await nginx.enforce(nginx.host { site("shop") })[.failed] == 0)
        let before = nginx.text("shop")
        let bad = nginx.host { site("shop", "nonsense;") }
        let step = try #require(bad.steps.last { $0.path.contains("nginx: site") })
        let failure = await #expect(throws: Failure.self) { try await step.property.apply(on: fake.machine) }
        #expect(
            failure?.output == ["nginx: [emerg] unknown directive \"nonsense\" in /etc/nginx/sites-available/shop:7"])
        #expect(failure?.advice?.contains("line number is that of the new text") == true)
        #expect(await nginx.enforce(bad)[.failed] == 1)
        #expect(nginx.text("shop") == before)
        #expect(fake.files["/etc/nginx/.propel-trial.conf"] == nil && fake.files["/run/propel-scratch"] == nil)
        #expect(nginx.reloads == 1)
    }

    @Test func `an error outside of the site is reported as such`() async throws {
        nginx.plant(site: "blog", "nonsense;\n")
        let step = try #require(nginx.host { site("shop") }.steps.last { $0.path.contains("nginx: site") })
        let failure = await #expect(throws: Failure.self) { try await step.property.apply(on: fake.machine) }
        #expect(failure?.output == ["nginx: [emerg] unknown directive \"nonsense\" in /etc/nginx/sites-enabled/blog:7"])
        #expect(failure?.advice?.contains("The reason is not the site itself") == true)
    }

    // MARK: Several sites

    @Test func `all that change are tried together`() async {
        let run = await nginx.enforce(nginx.host { for name in ["a", "b", "c"] { site(name) } })
        #expect(run[.failed] == 0)
        #expect(nginx.trials == 1)
        #expect(nginx.reloads == 1)
    }

    @Test func `two broken sites do not keep each other from being mended`() async {
        let host = nginx.host {
            site("a")
            site("b")
        }
        #expect(await nginx.enforce(host)[.failed] == 0)
        let (first, second) = (nginx.text("a"), nginx.text("b"))
        for name in ["a", "b"] { fake.files.put(FilePath("/etc/nginx/sites-available/\(name)"), "nonsense;\n") }
        #expect(await nginx.enforce(host)[.failed] == 0)
        #expect(nginx.text("a") == first && nginx.text("b") == second)
    }

    @Test(arguments: ["a", "b", "c"])
    func `an invalid site does not stop the others`(_ bad: String) async {
        let failed = Reports()
        let run = await nginx.enforce(
            nginx.host { for name in ["a", "b", "c"] { site(name, name == bad ? "nonsense;" : "") } }
        ) { event in
            if case .property(let report) = event, report.status == .failed { failed.add(report.path) }
        }
        #expect(run[.failed] == 1)
        #expect(failed.lines == ["site \(bad)/nginx: site \(bad)"])
        for name in ["a", "b", "c"] { #expect(nginx.isEnabled(name) == (name != bad)) }
        // And the others are used.
        #expect(nginx.generation == 2)
    }

    @Test func `the invalid site is found by leaving each one out`() async {
        fake.commands.program("nginx") { [fake] command in
            let main = fake.files.text(at: FilePath(command.arguments.last ?? "")) ?? ""
            return main.contains("/nginx/b\"")
                ? .failing(1, "nginx: [emerg] a duplicate default server in /etc/nginx/sites-enabled/blog:1\n")
                : .printing()
        }
        #expect(await nginx.enforce(nginx.host { for name in ["a", "b", "c"] { site(name) } })[.failed] == 1)
        #expect(nginx.isEnabled("a") && !nginx.isEnabled("b") && nginx.isEnabled("c"))
    }

    @Test func `a removed site is missing in the trial of the others`() async {
        #expect(await nginx.enforce(nginx.host { site("old", names: ["shop.example.com"]) })[.failed] == 0)
        let run = await nginx.enforce(
            nginx.host {
                site("new", names: ["shop.example.com"])
                site("old", names: ["shop.example.com"]).reverted()
            })
        #expect(run[.failed] == 0)
        #expect(nginx.isEnabled("new") && !nginx.isEnabled("old"))
    }

    @Test func `a site is removed even if others are invalid`() async {
        #expect(await nginx.enforce(nginx.host { site("shop") })[.failed] == 0)
        nginx.plant(site: "blog", "nonsense;\n")
        let run = await nginx.enforce(
            nginx.host {
                site("shop").reverted()
                site("wiki")
            })
        #expect(run[.failed] == 1)
        #expect(!nginx.isEnabled("shop") && !nginx.isEnabled("wiki"))
    }

    // MARK: Names

    @Test func `a name that another server has is refused and both are named`() async throws {
        nginx.plant(site: "blog", "server {\n    listen 80;\n    server_name blog.example.com shop.example.com;\n}\n")
        let host = nginx.host { site("shop") }
        let step = try #require(host.steps.last { $0.path.contains("nginx: site") })
        let failure = await #expect(throws: Failure.self) { try await step.property.apply(on: fake.machine) }
        #expect(
            failure?.message
                == "the site shop and /etc/nginx/sites-enabled/blog both answer to shop.example.com: nginx would "
                + "ignore one of them"
        )
        #expect(
            failure?.output == ["nginx: [warn] conflicting server name \"shop.example.com\" on 0.0.0.0:80, ignored"])
        #expect(await nginx.enforce(host)[.failed] == 1)
        #expect(!nginx.isEnabled("shop"))
    }

    @Test func `conflicts between other sites are ignored`() async {
        for name in ["blog", "other"] {
            nginx.plant(site: name, "server {\n    listen 80;\n    server_name same.example.com;\n}\n")
        }
        #expect(await nginx.enforce(nginx.host { site("shop") })[.failed] == 0)
    }

    @Test func `another port is another server`() async {
        for name in ["blog", "other"] {
            nginx.plant(site: name, "server {\n    listen 8080;\n    server_name shop.example.com;\n}\n")
        }
        fake.commands.program("nginx") { _ in
            CommandResult(
                ending: .exited(0),
                errors: Array(
                    "nginx: [warn] conflicting server name \"shop.example.com\" on 0.0.0.0:8080, ignored\n".utf8))
        }
        #expect(await nginx.enforce(nginx.host { site("shop") })[.failed] == 0)
    }

    @Test func `one of two sites with the same name is installed`() async {
        let run = await nginx.enforce(
            nginx.host {
                site("a", "server_name extra.example.com;")
                site("b", "server_name extra.example.com;")
            })
        #expect(run[.failed] == 1)
        #expect(nginx.isEnabled("a") && !nginx.isEnabled("b"))
    }
}
