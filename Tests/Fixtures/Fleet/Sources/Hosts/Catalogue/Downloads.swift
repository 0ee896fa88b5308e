import Properties

/// The machine is its own server of downloads and of a git repository.
@PropertyBuilder<Debian>
func downloads(archive: String, isReverted: Bool) -> [Declaration] {
    let file = Download(
        "http://127.0.0.1:8000/app-2.1/bin/app",
        sha256: "7a3a48aaa1e4934dc33174f0bd0514c18e9012d6412ab998cc32718d3233f916",
        to: "/usr/local/bin/app", mode: 0o755)
    let tree = Unpacked(
        "http://127.0.0.1:8000/app.tar", sha256: archive, to: "/opt/app", strip: 1)

    if isReverted {
        file.reverted()
        tree.reverted()
    } else {
        Directory("/srv/www/app-2.1/bin", parents: true)
        File("/srv/www/app-2.1/README", "read me\n")
        File("/srv/www/app-2.1/bin/app", "#!/bin/sh\necho app 2.1\n", mode: 0o755)
        Command(
            """
            tar --create --file=app.tar --format=ustar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
                app-2.1
            """, as: "archive", creates: "/srv/www/app.tar", directory: "/srv/www")
        Command(
            """
            git init --quiet --initial-branch=main app.git
            git -C app.git -c user.name=a -c user.email=a@example.com commit --quiet --allow-empty -m one
            git -C app.git tag v1
            """, as: "repository", creates: "/srv/www/app.git/.git/refs/tags/v1", directory: "/srv/www")
        File("/srv/server.py", fileServer)
        SystemdUnit(
            "files.service",
            """
            [Service]
            WorkingDirectory=/srv/www
            ExecStart=/usr/bin/python3 /srv/server.py

            [Install]
            WantedBy=multi-user.target

            """)
        Service("files", ports: [8000])
        Awaited("the server answers", .http("http://127.0.0.1:8000/"))
        HTTPRequest(
            "note", .put, "http://127.0.0.1:8000/note", body: "noted\n", expecting: [201],
            unless: .answers("http://127.0.0.1:8000/note", containing: "noted"))
        Printed(
            "/srv/www/sum", by: "sha256sum /srv/www/app-2.1/README", from: "/srv/www/app-2.1/README", owner: "media")
        file
        tree
        GitCheckout("/srv/www/app.git", to: "/srv/site", at: .branch("main"))
        GitCheckout("/srv/www/app.git", to: "/srv/release", at: .tag("v1"))
    }
}

/// Serves the files of its directory, and takes others.
private let fileServer = """
    import http.server

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_PUT(self):
            with open(self.translate_path(self.path), "wb") as file:
                file.write(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(201)
            self.end_headers()

    http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Handler).serve_forever()

    """
