import Properties

/// The properties of every host, whatever its role.
@PropertyBuilder<Debian>
func base(_ host: HostEntry, timezone: String) -> [Declaration] {
    Hostname(host.name)
    Locale.Default("en_GB.UTF-8")
    Timezone(timezone)
    Ntp()
}

/// The key with which Anna logs in.
let annasKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAevSeHhU6D3j0OP71ws3xq1wRSDRdhO/JlAFde8Mim0 anna@example.com"

/// Limits the size of container logs, so that they cannot fill the disk.
let dockerDaemon: JSON = ["log-driver": "json-file", "log-opts": ["max-size": "10m", "max-file": "3"]]
