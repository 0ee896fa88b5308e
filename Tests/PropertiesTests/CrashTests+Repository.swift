import PropelTesting
import Properties

extension CrashTests {
    private static let files = [
        "files/tool": "#!/bin/sh\n", "files/key": "private", "files/page": "@@title@@\n", "files/app/a.conf": "a\n",
        "files/app/conf.d/b.conf": "b\n", "files/app/replaced/c.conf": "c\n",
    ]

    private static func machine(_ change: (FakeMachine) -> Void) -> FakeMachine {
        let fake = FakeMachine().run(
            withRepository: files, executables: ["files/tool"], links: ["files/app/current": "conf.d"])
        fake.files.put(directory: "/srv")
        change(fake)
        return fake
    }

    private static let tool = File("/srv/tool", from: "files/tool")
    /// Fetched to the disk, since a plan shows no diff of it.
    private static let key = File("/srv/key", from: "files/key", mode: 0o600, owner: "pi")
    private static let page = File("/srv/page", Template("files/page", ["title": "Shop"]))
    private static let tree = Directory("/srv/app", from: "files/app", purge: true, fileMode: 0o640, group: "pi")

    /// Files and directories of the repository, made and taken back.
    static let repositoryLives: [Life] = [
        Life(
            "files of the repository",
            [
                host {
                    tool
                    key
                    page
                },
                host {
                    tool.reverted()
                    key.reverted()
                    page.reverted()
                },
            ], on: { machine { $0.files.put("/srv/key", "mine", mode: 0o644) } }),
        Life(
            "a directory of the repository", [host { tree }, host { tree.reverted() }],
            on: {
                machine { fake in
                    fake.files.put("/srv/app/a.conf", "mine\n", owner: Owner(user: 1, group: 1))
                    fake.files.put("/srv/app/old/deep/x.conf", "x\n")
                    fake.files.put("/srv/app/link", linkTo: "/etc")
                    fake.files.put("/srv/app/replaced", "a file once\n")
                }
            }),
    ]
}
