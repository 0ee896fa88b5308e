import Propel
import Testing

@testable import PropelCLI

/// Volumes for which docker mounts a file system.
@Suite struct ImportedFileSystemTests {
    private func lines(
        _ options: String, mount: String = "data:/data"
    ) throws -> (lines: [String], omissions: [String]) {
        let (swift, omissions) = try Importing.project(
            """
            services: {app: {image: a, volumes: ["\(mount)"]}}
            volumes: {data: {driver: local, driver_opts: \(options)}}
            """, [".env": "SMB_PASSWORD=hunter2\nNAS=nas.example.com\n"])
        #expect(!swift.contains("hunter2"))
        let wanted = ["Mount(", "BindMount(", "Tmpfs(", "Volume("]
        let lines = swift.components(separatedBy: "\n").map(\.trimmed)
        return (lines.filter { line in wanted.contains { line.hasPrefix($0) } }, omissions)
    }

    @Test func `a share is mounted by the machine`() throws {
        let nfs = try lines(
            "{type: nfs, o: \"addr=192.0.2.1,rw,nfsvers=4\", device: \":/export\"}", mount: "data:/data:ro")
        #expect(
            nfs.lines == [
                #"Mount("/mnt/shop-data", from: "192.0.2.1:/export", type: "nfs", options: ["rw", "nfsvers=4"], "#
                    + #"before: ["docker.service"])"#,
                #"BindMount("/mnt/shop-data", at: "/data")"#,
            ])
        let cifs = try lines(
            "{type: cifs, o: \"username=media,password=${SMB_PASSWORD},domain=HOME,vers=3.0,addr=nas\", "
                + "device: \"//${NAS}/share\"}")
        #expect(
            cifs.lines == [
                #"Mount("/mnt/shop-data", from: "//nas.example.com/share", type: "cifs", options: ["vers=3.0"], "#
                    + #"before: ["docker.service"], credentials: .init("/etc/shop-data.credentials", "#
                    + #"username: "media", password: Secret("shop-smb-password"), domain: "HOME"))"#,
                #"BindMount("/mnt/shop-data", at: "/data", isReadOnly: false)"#,
            ])
        let guest = try lines("{type: cifs, o: \"username=guest,password=\", device: \"//nas/share\"}")
        #expect(guest.lines.first?.contains(#"options: ["username=guest", "guest"]"#) == true)
        #expect((nfs.omissions + cifs.omissions + guest.omissions) == [])
    }

    @Test func `memory of one container is its tmpfs, and a disk is mounted`() throws {
        #expect(
            try lines("{type: tmpfs, device: tmpfs, o: \"size=64m,uid=1000\"}").lines == [
                #"Tmpfs("/data", size: "64 MiB", options: ["uid=1000"])"#
            ])
        #expect(
            try lines("{type: ext4, device: /dev/sdb1}").lines.first
                == #"Mount("/mnt/shop-data", from: "/dev/sdb1", type: "ext4", before: ["docker.service"])"#)
    }

    @Test func `what cannot be mounted is told`() throws {
        for options in ["{o: size=1g}", "{type: cifs, o: \"password=${SMB_PASSWORD}\", device: \"//nas/x\"}"] {
            let found = try lines(options)
            #expect(found.omissions.count == 1 && found.lines.isEmpty, "\(found)")
        }
    }

    @Test func `a volume that somebody else fills may be read-only`() throws {
        let (swift, omissions) = try Importing.project(
            """
            services: {app: {image: a, volumes: ["logs:/logs:ro", "own:/own:ro"]}}
            volumes: {logs: {external: true, name: proxy_logs}, own: {labels: [a=b]}}
            """)
        let line = #"Volume(named: "proxy_logs", at: "/logs", isReadOnly: true, backup: .none)"#
        #expect(swift.contains(line), "\(swift)")
        #expect(
            omissions == [
                "app: volumes: own: labels", "app: volumes: own:/own:ro: ro: no container could write to it",
            ])
    }
}
