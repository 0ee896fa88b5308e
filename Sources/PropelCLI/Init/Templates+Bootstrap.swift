extension Templates {
    /// The script `propel` of a configuration. That of Propel itself is the same; a test compares them.
    static let bootstrap = #"""
        #!/usr/bin/env bash
        # propel [ARGUMENTS]: installs the packages that the build needs, builds propel if it is missing, and runs it.
        set -euo pipefail
        root=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
        program=$root/.build/release/propel
        # The programs of Propel's repository have other names than those of the packages that depend on it.
        [ ! -d "$root/Sources/PropelCLI" ] || program=$program-examples

        # The program itself finds out whether the sources have changed, and builds.
        if [ ! -x "$program" ]; then
            command -v swift > /dev/null || { echo "propel: Swift 6.3 is required: \#
        https://www.swift.org/install/linux/" >&2; exit 1; }
            packages=(git openssh-client pkg-config libssh-dev libgpgme-dev gnupg) missing=()
            if grep -q '^ *sandbox *= *true' "$root/hosts.conf"; then
                packages+=(systemd-container mmdebstrap mount iproute2 iptables)
            fi
            for package in "${packages[@]}"; do
                [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || \#
        missing+=("$package")
            done
            if [ ${#missing[@]} -gt 0 ]; then
                echo "Installing ${missing[*]}" >&2
                [ "$(id -u)" -eq 0 ] && sudo=() || sudo=(sudo)
                # If one repository cannot be reached, the others may have the packages.
                "${sudo[@]}" apt-get -qq update >&2 || true
                "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends \#
        "${missing[@]}" < /dev/null >&2
            fi
            [ -e "$root/.build" ] && echo "Building." >&2 || echo "Building. The first build takes several minutes." >&2
            # Without colours on a terminal too: SwiftPM would compile everything again for a build from elsewhere.
            \#(SwiftBuild.command) --package-path "$root" --product "${program##*/}" >&2 ||
                { echo "propel: the configuration does not compile; see above" >&2; exit 64; }
        fi
        # A new configuration is made where the caller is.
        [ "${1-}" = init ] || cd "$root"
        exec "$program" "$@"

        """#
}
