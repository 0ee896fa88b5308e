import Foundation

/// A TCP relay to a server that stops reading from the client after some bytes, so that the client's window closes,
/// until it is told to go on. It gives up after ten minutes.
final class Relay {
    private let server: Server
    private let process: Child
    let port: Int

    init(to server: Server, pausingAfter count: Int) throws {
        self.server = server
        let script = server.directory + "/slow-relay.py"
        try """
        import os, socket, sys, threading, time
        target, limit, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        listener.bind(("127.0.0.1", 0)); listener.listen()
        with open(folder + "/port", "w") as file: file.write(str(listener.getsockname()[1]))
        os.rename(folder + "/port", folder + "/listening")
        client = listener.accept()[0]
        server = socket.create_connection(("127.0.0.1", target))
        def back():
            while data := server.recv(65536): client.sendall(data)
            os._exit(0)
        threading.Thread(target=back, daemon=True).start()
        count = 0
        while data := client.recv(4096):
            server.sendall(data)
            count += len(data)
            if count < limit: continue
            open(folder + "/paused", "w").close()
            for _ in range(60000):
                if os.path.exists(folder + "/resume"): break
                time.sleep(0.01)
            else: os._exit(1)
            limit = 1 << 60
        """.write(toFile: script, atomically: true, encoding: .utf8)
        process = try Child(["python3", script, String(server.port), String(count), server.directory])
        try Self.waitForFile("listening", of: process, server)
        port = Int(try server.text("listening")) ?? 0
    }

    deinit { process.end() }

    /// Waits until the relay no longer reads.
    func waitForPause() throws { try Self.waitForFile("paused", of: process, server) }

    func resume() throws { try shell("touch \(server.directory)/resume") }

    private static func waitForFile(_ name: String, of process: Child, _ server: Server) throws {
        while !FileManager.default.fileExists(atPath: "\(server.directory)/\(name)") {
            guard process.isRunning else { throw Server.Failure(description: "the relay is not \(name)") }
            usleep(10_000)
        }
    }
}
