import PropelTesting
import Synchronization
import Testing

@testable import Properties

/// What is kept of the container that failed.
extension StackRollbackTests {
    private var log: FilePath { "/var/lib/propel/stacks/shop.failed.log" }

    @Test func `the log of the container that failed is kept until the next deployment`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == true)
        #expect(
            failure?.advice?.hasSuffix(
                " What the container wrote is in \(log) on the machine until the next deployment.")
                == true, "\(String(describing: failure?.advice))")
        #expect(fake.files.text(at: log) == "it starts\nit is sick\n")
        #expect(try fake.files.status(of: log)?.mode == 0o600)
        // The previous version runs, and nothing is deployed.
        let after = try await fake.check(deployment(stack(tag: "v1")))
        #expect(after == .satisfied)
        #expect(fake.files.text(at: log) != nil)
        try await fake.obeysLaw(deployment(stack(tag: "v3")))
        #expect(fake.files.text(at: log) == nil)
    }

    private var image: String { "propel.localhost/failed:shop.app" }

    @Test func `its files are an image until the next deployment`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        let failed = Mutex<[String]>([])
        docker.answer { [docker] words in
            if words.first == "commit" { failed.withLock { $0.append(docker.containers["app"]?.id ?? "") } }
            return nil
        }
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.advice?.contains(" Its files are in the image \(image) on the machine: ") == true)
        #expect(docker.images[image] == "sha256:files of \(failed.withLock { $0 }.first ?? "")")
        // No container of it belongs to the stack.
        #expect(
            fake.commands.log.contains {
                $0.hasPrefix("docker commit --change 'LABEL com.docker.compose.project= com.docker.compose.service='")
            })
        let after = try await fake.check(deployment(stack(tag: "v1")))
        #expect(after == .satisfied)
        // The next one may fail before a version is healthy.
        docker.state.withLock { $0.refusal = .failing(1, "no space left on device\n") }
        _ = await refuse(stack(tag: "v3"))
        #expect(docker.images[image] == nil)
    }

    @Test func `the files have no secrets of variables`() async throws {
        let fake = try await fake.run(password: "hunter2")
        func stack(_ tag: String) -> Stack {
            Stack("shop", healthTimeout: .hours(1)) {
                Container("app", image: "app", tag: tag) {
                    Environment("PASSWORD", "\(Secret("password"))")
                    Environment("WORKERS", text: "4")
                    HealthCheck("true")
                }
            }
        }
        try await fake.obeysLaw(deployment(stack("v1")))
        makeSick("sha256:app:v2")
        let failure = await #expect(throws: Failure.self) {
            try await deployment(stack("v2")).apply(on: fake.machine)
        }
        #expect(failure?.isRolledBack == true)
        let commit = fake.commands.log.first { $0.hasPrefix("docker commit ") }
        #expect(commit?.contains("--change 'ENV PASSWORD='") == true, "\(commit ?? "none")")
        #expect(commit?.contains("WORKERS") == false)
    }

    @Test func `both outputs are in the order in which they were written`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        docker.answer { words in
            guard words.first == "logs", words.contains("--timestamps") else { return nil }
            return CommandResult(
                ending: .exited(0), output: Array("2026-11-21T17:05:35.1Z one\n2026-11-21T17:05:35.3Z three\n".utf8),
                errors: Array("2026-11-21T17:05:35.2Z two\n2026-11-21T17:05:35.3Z four\n".utf8))
        }
        _ = await refuse(stack(tag: "v2"))
        let words = fake.files.text(at: log)?.split(separator: "\n").compactMap { $0.split(separator: " ").last }
        #expect(words == ["one", "two", "three", "four"])
    }

    @Test func `a rollback does without a log`() async throws {
        try await fake.obeysLaw(deployment(stack(tag: "v1")))
        makeSick("sha256:app:v2")
        docker.answer { words in
            words.contains("--timestamps") ? .failing(1, "configured logging driver does not support reading\n") : nil
        }
        let failure = await refuse(stack(tag: "v2"))
        #expect(failure?.isRolledBack == true)
        #expect(
            failure?.advice == "Correct what the last lines report, and deploy again. Its files are in the image "
                + "\(image) on the machine: docker run --rm -it --entrypoint sh \(image).")
        #expect(fake.files.text(at: log) == nil)
    }

    /// The container is still there.
    @Test func `without a previous version docker has the log`() async throws {
        makeSick("sha256:app:v1")
        let failure = await refuse(stack(tag: "v1"))
        #expect(failure?.advice?.contains("docker logs") == true)
        #expect(fake.files.text(at: log) == nil)
    }
}
