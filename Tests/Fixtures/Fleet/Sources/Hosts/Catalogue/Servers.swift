import Properties

/// Shares of Samba, and Apache.
@PropertyBuilder<Debian>
func servers(isReverted: Bool) -> [Declaration] {
    let shares = Samba(
        .init("media", at: "/srv/media", users: ["media"], isWritable: true, settings: ["force user": "media"]),
        .init("public", at: "/srv/www", allowsGuests: true), settings: ["server min protocol": "SMB3"])
    let module = Apache.Module("rewrite"), site = Apache.Site("catalogue")
    let part = Apache.Configuration("serve-cgi-bin", isEnabled: false)

    if isReverted {
        shares.reverted()
        Samba.User.Absent("media")
        // First, since it needs the module.
        site.reverted()
        module.reverted()
        part.reverted()
    } else {
        Apt.Installed("samba", "smbclient", "apache2", recommends: false)
        shares
        Samba.User("media", password: Secret("catalogue-password"))
        Samba.User.Absent("sync")
        File(
            "/etc/apache2/sites-available/catalogue.conf",
            """
            <VirtualHost *:80>
                ServerName catalogue.example.com
                DocumentRoot /srv/www
                <Directory /srv/www>
                    Require all granted
                    RewriteEngine on
                    RewriteRule ^short$ /app-2.1/README
                </Directory>
            </VirtualHost>

            """)
        module
        site
        part
    }
}
