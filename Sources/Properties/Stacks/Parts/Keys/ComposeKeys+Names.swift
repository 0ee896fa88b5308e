extension ComposeKeys {
    /// The keys that both docker-compose 1.29 and compose 2 know, and that may be given as they are.
    static let known: Set<String> = [
        "blkio_config", "cap_add", "cap_drop", "cgroup_parent", "container_name", "cpu_count", "cpu_percent",
        "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares", "cpuset", "credential_spec",
        "device_cgroup_rules", "devices", "dns", "dns_opt", "dns_search", "domainname", "entrypoint", "expose",
        "extra_hosts", "group_add", "hostname", "init", "isolation", "labels", "logging", "mac_address",
        "mem_reservation", "mem_swappiness", "memswap_limit", "oom_kill_disable", "oom_score_adj", "platform",
        "privileged", "read_only", "runtime", "security_opt", "shm_size", "stdin_open", "stop_signal", "storage_opt",
        "sysctls", "tmpfs", "tty", "ulimits", "user", "userns_mode", "working_dir",
    ]

    /// The keys that only compose 2 knows.
    static let unknownBefore2: Set<String> = [
        "annotations", "attach", "cgroup", "gpus", "post_start", "pre_stop", "use_api_socket", "uts",
    ]

    /// The keys that Propel decides, with what to write instead.
    static let refused: [String: String] = [
        "build": "use Container(…, origin: .directory(…))",
        "command": "use Container.Command",
        "configs": "use a ConfigurationFile",
        "cpus": "use ResourceLimits",
        "depends_on": "use DependsOn",
        "deploy": "use ResourceLimits or GPUs; a stack has one container of each service",
        "develop": "it is for development, and not for a machine",
        "env_file": "use an EnvironmentFile",
        "environment": "use Environment",
        "extends": "use a function of Swift that returns the parts",
        "external_links": "use a Network that both stacks share",
        "healthcheck": "use HealthCheck",
        "image": "name it in Container(…, image: …)",
        "ipc": "use Ipc",
        "label_file": "use Labels",
        "links": "use DependsOn: the other container is reached by its name",
        "mem_limit": "use ResourceLimits",
        "models": "Propel knows no models of compose",
        "network_mode": "use HostNetwork, NetworkOf, BridgeNetwork or NoNetwork",
        "networks": "use JoinsNetwork",
        "pid": "use Pid",
        "pids_limit": "use ResourceLimits",
        "ports": "use Publish",
        "profiles": "use “if” in Swift",
        "provider": "Propel knows no providers of compose",
        "pull_policy": "Propel brings the images itself",
        "pull_refresh_after": "Propel brings the images itself",
        "restart": "use RestartPolicy",
        "scale": "a stack has one container of each service",
        "secrets": "use a ConfigurationFile with a Secret in it",
        "stop_grace_period": "use StopTimeout",
        "volumes": "use Volume, BindMount or ConfigurationFile",
        "volumes_from": "give both containers the Volume",
    ]
}

extension Stack {
    /// The keys of its containers that docker-compose 1.29 does not know, with the names of the containers.
    var keysUnknownBefore2: [(container: String, key: String)] {
        containers.flatMap { container in
            let keys = container.keys.map(\.name).filter(ComposeKeys.unknownBefore2.contains)
            let ofCheck: [String] = container.healthCheck?.startInterval == nil ? [] : ["start_interval"]
            let ofNetworks = container.networks.flatMap(\.keysUnknownBefore2)
            return (keys + ofCheck + ofNetworks).map { (container: container.name, key: $0) }
        }
    }
}
