import Properties

/// What a description has beside states: actions and a restart in between, what must hold, what nobody declares any
/// more, and a generated secret.
///
/// Keys in hosts.conf: `boot`, whose change restarts the machine; `status`, which the page must answer with; `keeps`,
/// whether a file is declared; `secret`, whether a generated one is.
let language = Role("language", runs: Debian.self, keys: ["boot", "status", "keeps", "secret"]) { host in
    PropertyGroup("page") {
        SystemdUnit(
            "page@.service",
            #"""
            [Unit]
            Description=A page

            [Service]
            ExecStart=/bin/bash -c 'read line; cat /etc/page'
            StandardInput=socket

            """#)
        SystemdUnit(
            "page.socket",
            """
            [Unit]
            Description=A page

            [Socket]
            ListenStream=127.0.0.1:8000
            Accept=yes

            [Install]
            WantedBy=sockets.target

            """)
        File("/etc/page", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")
    }.onChangeNow(Service.Restart("page.socket"))
    Service("page.socket")

    File("/etc/before", "\(try host.string("boot") ?? "1")\n").onChangeNow(Reboot())
    // The restart is over when this is written.
    File("/etc/after", "\(try host.string("boot") ?? "1")\n")

    if try host.bool("keeps") ?? true { File("/etc/kept", "kept\n") }
    if try host.bool("secret") ?? false {
        File("/etc/secret", "\(Secret("page-password", generate: .password(24)))")
    }

    Expect(
        "the page answers", .http("http://127.0.0.1:8000/", status: Int(try host.string("status") ?? "200") ?? 200),
        within: .seconds(10))
    Expect("ssh is there", .port(22))
}
