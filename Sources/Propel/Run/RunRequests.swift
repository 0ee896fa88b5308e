/// The requests of a run to the laptop, and where the answers go, whichever connection brings them.
struct RunRequests: Sendable {
    let secrets: SecretDelivery
    let contents: ContentDelivery
    let confirmation: ConfirmationDelivery
    /// The decision about hosts that are deployed together. Only the laptop that has begun the run can make it, and it
    /// may have lost the connection over which the run told that it waits.
    var wave = WaveDelivery()

    /// The requests that are still open.
    var open: [Event] {
        let names = secrets.awaited
        var open: [Event] = names.isEmpty ? [] : [.needs(secrets: names)]
        for range in contents.awaited { open.append(.fetch(range)) }
        if let token = confirmation.awaited { open.append(.confirm(token: token)) }
        if wave.isAwaited { open.append(.ready) }
        return open
    }

    /// Follows the instructions of a connection until it ends. Blocks.
    func follow(_ instructions: inout LineReader, interrupt: () -> Void) {
        do {
            while let line = try instructions.next() {
                switch try Instruction(JSON(line: line)) {
                case .interrupt: interrupt()
                case .secret(let name, let size): secrets.deliver(try instructions.secret(size: size), as: name)
                case .piece(let piece): contents.deliver(piece, try instructions.bytes(count: piece.size))
                case .unavailable(let hash, let reason): contents.refuse(hash, because: reason)
                case .unconfirmed(let reason): confirmation.refuse(reason)
                case .decide(let decision): wave.take(decision)
                case .complete: throw MalformedMessage(message: line)
                }
            }
        } catch {
            // After a malformed line it is unknown where the next one begins.
        }
    }

    /// Ends all waiting, since nobody else can bring anything. A confirmation still can be brought: a new connection
    /// leaves it on the disk.
    func close() {
        secrets.close()
        contents.close()
        wave.close()
    }
}

/// A request of a run that is still open, for a viewer that has joined it.
package struct OpenRequest: Sendable, Equatable {
    /// The request: `needs`, `fetch`, `confirm` or `ready`.
    package var event: Event
    /// The name of the host that the run is for.
    package var host: String
    /// The versions of all secrets of the host, by name, as they were when the run began.
    package var secrets: [String: String]

    package init(_ event: Event, host: String, secrets: [String: String]) {
        self.event = event
        self.host = host
        self.secrets = secrets
    }

    /// - Parameters:
    ///   - event: the request.
    ///   - request: the request that began the run.
    init(_ event: Event, of request: Request) {
        self.init(event, host: request.entry.name, secrets: request.secrets)
    }

    var json: JSON {
        ["request": event.json, "host": .string(host), "secrets": .object(secrets.mapValues(JSON.string))]
    }

    init(_ json: JSON) throws {
        event = try Event(try json.member("request"))
        host = try json.text("host")
        secrets = try json.textsByName("secrets")
    }
}
