import Propel
import Properties

/// A proxy that finds the sites behind it by labels.
func edgeExample(_ host: HostEntry) throws -> Host {
    Host("edge.example.com", runs: Debian.self) {
        // From compose.yaml, by `propel compose import`.
        //
        // Before the first deployment, with the values of the file:
        //     propel secret set edge-notes-password

        Stack("edge", networks: .shared) {
            Network(named: "web")
            Container("proxy", image: "traefik:v3.1") {
                Container.Command(
                    "--providers.docker.exposedbydefault=false",
                    "--providers.file.directory=/etc/traefik/dynamic",
                    "--entrypoints.web.address=:80",
                    "--entrypoints.web.http.redirections.entrypoint.to=secure",
                    "--entrypoints.secure.address=:443",
                    "--certificatesresolvers.main.acme.email=hostmaster@example.com",
                    "--certificatesresolvers.main.acme.storage=/acme/acme.json",
                    "--certificatesresolvers.main.acme.tlschallenge=true")
                Publish(80)
                Publish(443)
                Publish(Port(443, transport: "udp"))
                Volume("acme", at: "/acme", in: "/opt/edge/acme")
                ConfigurationFile(
                    "/etc/traefik/dynamic/at-home.yaml",
                    """
                    http:
                      middlewares:
                        at-home:
                          ipAllowList:
                            sourceRange: ["192.0.2.0/24"]

                    """)
                BindMount("/var/run/docker.sock")
                Labels([
                    "traefik.enable": "true",
                    "traefik.http.routers.dashboard.rule": "Host(`proxy.example.com`)",
                    "traefik.http.routers.dashboard.service": "api@internal",
                    "traefik.http.routers.dashboard.middlewares": "at-home@file",
                ])
                JoinsNetwork("web")
            }
            Container("notes", image: "silverbulletmd/silverbullet:2.0.0") {
                Environment("SB_USER", "anna:\(Secret("edge-notes-password"))")
                Volume("notes", at: "/space", in: "/opt/edge/notes")
                Labels([
                    "traefik.enable": "true",
                    "traefik.http.routers.notes.rule": "Host(`notes.example.com`)",
                    "traefik.http.routers.notes.tls.certresolver": "main",
                    "traefik.http.services.notes.loadbalancer.server.port": "3000",
                ])
                JoinsNetwork("web")
            }
            Container("whoami", image: "traefik/whoami:v1.10") {
                ReadOnly()
                SecurityOptions("no-new-privileges:true")
                Labels([
                    "traefik.enable": "true",
                    "traefik.http.routers.whoami.rule": "Host(`example.com`) && PathPrefix(`/whoami`)",
                ])
                Capabilities(drop: ["ALL"])
                JoinsNetwork("web")
            }
        }
    }
}
