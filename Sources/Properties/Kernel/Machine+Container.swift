extension Machine {
    /// Whether the machine is a container, whose kernel is that of the computer it runs on. systemd notes it in a file
    /// (<https://systemd.io/CONTAINER_INTERFACE>).
    var isContainer: Bool { get throws { try files.status(of: "/run/systemd/container") != nil } }
}
