import Propel
import Properties

/// A Raspberry Pi with sensors.
func weatherStationExample(_ host: HostEntry) throws -> Host {
    Host("weather-station.example.com", runs: Debian.self) {
        // From docker-compose.yml, by `propel compose import`.
        //
        // Before the first deployment, with the values of the file:
        //     propel secret set weather-station-influx-token
        //     propel secret set weather-station-influx-password

        Stack("weather-station", networks: .shared) {
            Container(
                "collector", image: "weather-station-collector",
                origin: .directory("/opt/weather-station/collector")
            ) {
                Container.Platform("linux/arm64")
                Devices("/dev/i2c-1:/dev/i2c-1", "/dev/gpiomem:/dev/gpiomem", "/dev/vchiq")
                GroupAdd("997", "44")
                BindMount("/sys/class/thermal", at: "/thermal")
                BindMount("/opt/vc/lib")
                ConfigurationFile(
                    "/etc/sensors.toml",
                    """
                    [bme280]
                    bus = 1
                    address = 0x76

                    [rain]
                    gpio = 17

                    """)
                Environment("INFLUX_URL", "http://influx:8086")
                Environment("INFLUX_TOKEN", "\(Secret("weather-station-influx-token"))")
                Environment("INTERVAL", "60")
                Environment("ALTITUDE", "412")
                Tmpfs("/var/log")
                Tmpfs("/tmp", size: "32 MiB")
                DependsOn("influx")
                ResourceLimits(memory: "64 MiB", cpus: 0.5, processes: 50)
            }
            Container("influx", image: "influxdb:2.7") {
                Publish(8086)
                BindMount("/mnt/usb/influx", at: "/var/lib/influxdb2", isReadOnly: false)
                Environment("DOCKER_INFLUXDB_INIT_MODE", "setup")
                Environment("DOCKER_INFLUXDB_INIT_PASSWORD", "\(Secret("weather-station-influx-password"))")
                Environment("DOCKER_INFLUXDB_INIT_ADMIN_TOKEN", "\(Secret("weather-station-influx-token"))")
                Logging("none")
                Sysctls(["net.core.somaxconn": "1024"])
                ResourceLimits(memory: "512 MiB")
                ComposeKeys(["mem_reservation": "128m", "memswap_limit": "512m"])
            }
            Container("grafana", image: "grafana/grafana:11.6.0") {
                Container.User("472")
                Publish(3000)
                Volume("grafana", at: "/var/lib/grafana")
                Environment("GF_SERVER_ROOT_URL", "http://pi.local:3000")
                Environment("GF_LOG_MODE", "console")
                DependsOn("influx")
                ComposeKeys(["oom_score_adj": 300])
            }
        }
    }
}
