import Properties

/// A container of podman that systemd runs, which podman of Debian 13 brings about. Its image is from a registry of the
/// machine itself.
@PropertyBuilder<Debian>
func containers(isReverted: Bool) -> [Declaration] {
    let quadlet = Podman.Quadlet(
        "app.container",
        """
        [Container]
        Image=localhost:5000/app:1
        Network=front
        Secret=app-password,type=env,target=PASSWORD
        # Where control groups are of version 1 podman cannot divide that of the service.
        CgroupsMode=enabled

        [Install]
        WantedBy=multi-user.target
        """)

    if isReverted {
        Service("app", isRunning: false, isEnabled: nil)
        quadlet.reverted()
        Podman.Absent(.network("front"))
        Podman.Absent(.secret("app-password"))
        Podman.Absent(.image("localhost:5000/app:1"))
    } else {
        Apt.Installed("podman", "netavark", "aardvark-dns", "docker-registry", "busybox-static", recommends: false)
        File(
            "/etc/containers/registries.conf.d/own.conf",
            "[[registry]]\nlocation = \"localhost:5000\"\ninsecure = true\n")
        Directory("/srv/image")
        File(
            "/srv/image/Containerfile",
            """
            FROM scratch
            COPY busybox /busybox
            STOPSIGNAL SIGKILL
            CMD ["/busybox", "sleep", "infinity"]

            """)
        Command(
            """
            sed -i '/^auth:/,/path:/d' /etc/docker/registry/config.yml
            systemctl restart docker-registry
            timeout 60 sh -c 'until curl --silent http://localhost:5000/v2/; do sleep 0.2; done'
            cp $(command -v busybox) busybox
            podman build --quiet --tag localhost:5000/app:1 .
            podman push --quiet localhost:5000/app:1
            podman image rm --force localhost:5000/app:1
            touch pushed
            """, as: "image of the registry", creates: "/srv/image/pushed", directory: "/srv/image")
        Podman.Image("localhost:5000/app:1")
        Podman.Network("front", subnets: [Subnet("10.90.7.0/24", gateway: "10.90.7.1")], options: ["mtu": "1400"])
        Podman.Secret("app-password", Secret("catalogue-password")).onChange(Service.Restart("app"))
        quadlet.onChange(Service.Restart("app"))
        Service("app")
        Podman.Absent(.network("old-front"))
        Podman.Absent(.secret("old-password"))
        Podman.Absent(.image("localhost/old:1"))
    }
}
