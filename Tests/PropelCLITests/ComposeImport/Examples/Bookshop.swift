import Propel
import Properties

/// Programs that are built from directories of the project.
func bookshopExample(_ host: HostEntry) throws -> Host {
    Host("bookshop.example.com", runs: Debian.self) {
        // From compose.yaml, by `propel compose import`.

        Stack("bookshop", networks: .shared) {
            Network("front")
            Network("back", isInternal: true)
            Container(
                "app", image: "bookshop-app",
                origin: .directory(
                    "/opt/bookshop/app",
                    dockerfile: "Containerfile",
                    target: "production",
                    arguments: ["PYTHON_VERSION": "3.12", "COMMIT": "unknown"])
            ) {
                Environment("DATABASE", "/data/books.sqlite")
                Volume("books", at: "/data")
                WorkingDirectory("/app")
                Entrypoint("python", "-m", "bookshop")
                Container.Command("--listen", "0.0.0.0:8000")
                HealthCheck(
                    "python -c \"import urllib.request as u; u.urlopen('http://localhost:8000/')\"",
                    every: .seconds(30),
                    timeout: .seconds(10),
                    retries: 3)
                Aliases("bookshop")
                JoinsNetwork("front")
                JoinsNetwork("back")
            }
            Container(
                "recommender", image: "example/recommender:1.3",
                origin: .directory("/opt/bookshop/recommender")
            ) {
                GroupAdd("audio")
                JoinsNetwork("back", aliases: ["suggestions"])
            }
            Container("web", image: "bookshop-web", origin: .directory("/opt/bookshop/web")) {
                Publish(8081, to: 80)
                DependsOn("app")
                JoinsNetwork("front")
            }
        }
    }
}
