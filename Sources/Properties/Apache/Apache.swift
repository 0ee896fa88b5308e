/// The web server Apache, as Debian configures it (a2enmod(8), a2ensite(8)).
///
///     Apt.Installed("apache2")
///     Apache.Module("rewrite", "proxy_http")
///     File("/etc/apache2/sites-available/shop.conf", text).onChange(Service.Reload("apache2"))
///     Apache.Site("shop")
///     Apache.Site("000-default", isEnabled: false)
public enum Apache {}
