import Vocabulary

/// A container that is started beside the one that it replaces. It gets the requests once the whole version is healthy
/// (from traefik: once it is healthy itself), and the other one goes when its connections have ended.
///
/// Compose makes it as a second container of the service: the file is the same as for one that is stopped first, so
/// compose, a boot and the next run find what they expect once the first one is gone.
struct Handover: Sendable {
    /// The program that passes requests to the containers.
    enum Proxy: Sendable {
        /// The nginx of the machine, by a port of it.
        case nginx(ContainerPorts)
        /// A traefik that follows the health of containers by itself.
        case traefik(Container)

        /// The proxy of a container; nil if it has none that Propel knows.
        init?(of container: Container, in stack: Stack) {
            if container.traefik != nil {
                self = .traefik(container)
            } else if let ports = ContainerPorts(of: container, in: stack) {
                self = .nginx(ports)
            } else {
                return nil
            }
        }
    }

    let context: StackContext
    let proxy: Proxy
    /// The ID of the container that is replaced.
    let predecessor: String
    /// The workers of nginx that may still have connections to it.
    var workers: Set<NginxWorker> = []

    var name: String {
        switch proxy {
        case .nginx(let ports): ports.container
        case .traefik(let container): container.name
        }
    }

    init(_ context: StackContext, _ proxy: Proxy, replacing predecessor: String) {
        self.context = context
        self.proxy = proxy
        self.predecessor = predecessor
    }

    /// Has nginx ask the former container first, before the new one listens: at a boot docker may have given it another
    /// port than the one that nginx asks first.
    func begin() async throws {
        if case .nginx(let ports) = proxy { _ = try await context.direct(ports, to: predecessor) }
    }

    /// Has nginx pass new requests to the new container.
    /// - Returns: the workers that may still have connections to the former one.
    func takeOver() async throws -> Set<NginxWorker> {
        let found = try await context.reloadContainers().named(name).first { $0.id != predecessor }
        guard let found else { throw DeploymentError(Failure("\(name) of \(context.stack.name) is gone")) }
        guard case .nginx(let ports) = proxy else { return [] }
        return try await context.direct(ports, to: found.id)
    }

    /// Stops and removes the former container when its connections have ended.
    func retirePredecessor() async throws {
        switch proxy {
        case .nginx(let ports): try await context.drain(ports, workers)
        case .traefik(let container): try await context.drain(container, predecessor)
        }
        try await context.remove([predecessor])
    }
}

extension StackContext {
    /// Has nginx pass new requests to a container.
    /// - Returns: the workers that may still have connections to another one.
    /// - Throws: ``Failure`` if the container has no port, or nginx refuses to reload.
    func direct(_ ports: ContainerPorts, to id: String) async throws -> Set<NginxWorker> {
        guard let port = try await ports.port(of: id, on: machine) else {
            throw Failure(
                "\(ports.container) of \(stack.name) has none of the ports \(ports.range.lowerBound) to "
                    + "\(ports.range.upperBound)",
                advice: "`docker ps` and `journalctl --unit docker` on the machine tell more.")
        }
        defer { forget() }
        return try await ports.ask(port, on: machine)
    }

    /// Waits until workers of nginx have ended, with their connections.
    func drain(_ ports: ContainerPorts, _ workers: Set<NginxWorker>) async throws {
        var limit = TimeLimit(ports.drainTimeout, pause: .seconds(1), now: now)
        while try await !ContainerPorts.workers(on: machine).isDisjoint(with: workers), !limit.hasPassed(at: now) {
            machine.showProgress("waiting for the connections to the former \(ports.container)")
            try await Task.sleep(for: pollInterval)
        }
    }
}

extension StackContainers {
    /// The container of a name that stays if there are several: one that runs, rather one of the last healthy version.
    func kept(_ name: String, of record: StackRecord) -> Found? {
        let all = named(name), made = record.made
        func rank(_ one: Found) -> Int {
            (one.isRunning ? 4 : 0) + (made.contains(one.id) ? 2 : 0) + (one.isRunningWell ? 1 : 0)
        }
        return all.max { rank($0) < rank($1) }
    }
}

extension StackStart {
    /// Leaves one container of each name. A run that was killed, or a version that is unhealthy, may have left two, and
    /// compose 1.29 and 2 differ in which one they would remove.
    func removeSpare(of record: StackRecord) async throws {
        let found = try await context.reloadContainers()
        for name in Set(found.all.map(\.name)).sorted() {
            let all = found.named(name)
            guard all.count > 1, let kept = found.kept(name, of: record) else { continue }
            try await returnRequests(to: kept)
            let spare = all.filter { $0.id != kept.id }
            if kept.isRunning, let container = context.stack.container(named: name) {
                for one in spare where one.isHealthy { try await context.drain(container, one.id) }
            }
            try await context.stop(spare.filter { !$0.isAtRest }.map(\.id))
            try await context.succeed(DockerCommand.remove(spare.map(\.id)))
        }
    }

    /// Has this container get the requests, and waits for the connections of nginx to another one.
    private func returnRequests(to kept: StackContainers.Found) async throws {
        guard kept.isRunning, let container = context.stack.container(named: kept.name) else {
            return
        }
        try await context.takeBack(container, kept.id)
        guard let ports = ContainerPorts(of: container, in: context.stack),
            try ports.first(on: context.machine) != nil
        else { return }
        do {
            try await context.drain(ports, try await context.direct(ports, to: kept.id))
        } catch let error where !(error is CancellationError) {
            // nginx asks it anyway as soon as the other one is gone.
        }
    }
}
