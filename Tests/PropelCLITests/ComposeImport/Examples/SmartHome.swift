import Propel
import Properties

/// A house with radio sticks and the network of the machine.
func smartHomeExample(_ host: HostEntry) throws -> Host {
    Host("smart-home.example.com", runs: Debian.self) {
        // From compose.yaml, by `propel compose import`.
        //
        // Before the first deployment, with the values of the file:
        //     propel secret set smart-home-frigate-rtsp-password
        //     propel secret set smart-home-mqtt-password

        Stack("smart-home", networks: .shared) {
            Container("homeassistant", image: "ghcr.io/home-assistant/home-assistant:2025.6") {
                ContainerName("homeassistant")
                Privileged()
                Environment("TZ", "Europe/Vienna")
                Volume("config", at: "/config", in: "/opt/smart-home/config")
                BindMount("/etc/localtime")
                BindMount("/run/dbus")
                BindMount("/mnt/media", at: "/media", isReadOnly: false, propagation: .rslave)
                Devices("/dev/ttyUSB0")
                DependsOn("mosquitto")
                HostNetwork()
            }
            Container("zigbee", image: "koenkk/zigbee2mqtt:2.3.0") {
                ContainerName("zigbee")
                Container.User("1000:20")
                GroupAdd("dialout")
                Volume("zigbee", at: "/app/data", in: "/opt/smart-home/zigbee")
                BindMount("/run/udev")
                Devices("/dev/serial/by-id/usb-Example_Stick_0001-if00:/dev/ttyACM0")
                Environment("TZ", "Europe/Vienna")
                Environment("ZIGBEE2MQTT_CONFIG_MQTT_PASSWORD", "\(Secret("smart-home-mqtt-password"))")
                Publish(8082, to: 8080)
                DependsOn("mosquitto")
            }
            Container("mosquitto", image: "eclipse-mosquitto:2.0") {
                ContainerName("mosquitto")
                Publish(1883)
                Publish(9001)
                ConfigurationFile(
                    "/mosquitto/config/mosquitto.conf",
                    """
                    listener 1883
                    allow_anonymous false

                    """)
                Volume("mosquitto-data", at: "/mosquitto/data")
                Volume("mosquitto-log", at: "/mosquitto/log")
            }
            Container("detector", image: "ghcr.io/blakeblackshear/frigate:0.15.1") {
                SharedMemory("256 MiB")
                Devices("/dev/dri/renderD128:/dev/dri/renderD128", "/dev/bus/usb:/dev/bus/usb:rwm")
                Volume("detector", at: "/config", in: "/opt/smart-home/detector")
                BindMount("/mnt/recordings", at: "/media/frigate", isReadOnly: false)
                Tmpfs("/tmp/cache", size: "1000000000 B")
                Publish(5000)
                Publish(8554)
                Publish(8555)
                Publish(Port(8555, transport: "udp"))
                Environment("FRIGATE_RTSP_PASSWORD", "\(Secret("smart-home-frigate-rtsp-password"))")
                RestartPolicy(.onFailure)
                Capabilities(add: ["CAP_PERFMON"])
            }
        }
    }
}
