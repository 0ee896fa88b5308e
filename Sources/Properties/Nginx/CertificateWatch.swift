/// Reloads nginx when another program, such as certbot, has replaced the certificate or the key of a site
/// (systemd.path(5)).
struct CertificateWatch {
    let site: String
    let certificate: FilePath
    let key: FilePath

    private var unit: String { "nginx-certificate-\(site)" }

    var path: SystemdUnit {
        let files = certificate == key ? [certificate] : [certificate, key]
        return SystemdUnit(
            "\(unit).path",
            """
            [Unit]
            Description=Certificate of the site \(site)

            [Path]
            \(files.map { "PathChanged=\($0)" }.joined(separator: "\n"))

            [Install]
            WantedBy=paths.target

            """)
    }

    var service: SystemdUnit {
        SystemdUnit(
            "\(unit).service",
            """
            [Unit]
            Description=Reload of nginx with another certificate of the site \(site)

            [Service]
            Type=oneshot
            # Certificate and key are replaced one after the other: nginx would refuse the one without the other.
            ExecStartPre=/bin/sleep 5
            ExecStart=/bin/systemctl try-reload-or-restart nginx.service

            """)
    }

    /// Nil for a site without a certificate, or with one that Propel writes.
    init?(of site: Nginx.Site) {
        guard case .files(let certificate, let key) = site.tls else { return nil }
        self.site = site.siteName
        self.certificate = certificate
        self.key = key
    }

    var watcher: Service { Service("\(unit).path") }
}
