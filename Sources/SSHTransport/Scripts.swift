import PlainText
/// The scripts that run on the machine before the enforcer: a few lines of sh that need coreutils and use gzip if
/// present.
///
/// Each reports its progress in lines of the form `propel:TOKEN:…`, the *marks*. The token is random, so that no
/// output of a login shell can be mistaken for a mark. The scripts are one line and contain neither `'` nor `!`,
/// because of csh.
enum Scripts {
    /// Runs an enforcer. Arguments: directory, SHA-256, token, the enforcer's arguments.
    static let start = oneLine(
        """
        LC_ALL=C; export LC_ALL; E=$1/$2; T=$3; shift 3;
        [ -x "$E" ] && exec "$E" "$@" --mark "$T";
        if [ "$(id -u)" = 0 ]; then echo "propel:$T:missing:$(uname -m)"; else echo "propel:$T:notroot:$(id -un)"; fi
        """)

    /// Installs an enforcer from standard input. Arguments: directory, SHA-256, token, size, size of the gzip.
    ///
    /// The input is counted rather than read to its end, so that a lost link is not mistaken for the end of the file.
    /// The temporary file is removed on every exit; one that a power failure left behind is removed after an hour.
    static let install = oneLine(
        #"""
        LC_ALL=C; export LC_ALL; D=$1; S=$2; T=$3; N=$4; G=$5; W=$D/.$S.$T;
        say() { echo "propel:$T:$1"; };
        fail() { rm -f "$W"; case $1 in
        *"No space left"*|*"quota exceeded"*) say nospace;; *) say "failed:$(echo "$1" | tail -n 1)";; esac; exit 0; };
        [ "$(id -u)" = 0 ] || { say "notroot:$(id -un)"; exit 0; };
        umask 077;
        M=$( { mkdir -p -- "$D" && chown 0:0 "$D" && chmod 0700 "$D"; } 2>&1 ) || fail "$M";
        find "$D" -maxdepth 1 -type f -name ".*" -mmin +60 -exec rm -f {} + 2>/dev/null;
        trap "rm -f \"\$W\"" EXIT; trap "exit 1" HUP INT TERM PIPE;
        if command -v gzip >/dev/null; then say send:gzip; M=$( { head -c "$G" | gzip -dc >"$W"; } 2>&1 ) || fail "$M";
        else say send:raw; M=$( { head -c "$N" >"$W"; } 2>&1 ) || fail "$M"; fi;
        H=$(sha256sum <"$W"); [ "${H%% *}" = "$S" ] || { rm -f "$W"; say corrupt; exit 0; };
        M=$( { { sync "$W" 2>/dev/null || sync; } && chmod 0700 "$W" && mv -f "$W" "$D/$S"; } 2>&1 ) || fail "$M";
        sync "$D" 2>/dev/null || sync;
        K=0; for F in $(ls -t "$D"); do
        if [ "$F" = "$S" ] || [ ${#F} -ne 64 ]; then continue; fi;
        K=$((K+1)); if [ $K -gt 2 ]; then rm -f "$D/$F"; fi; done;
        say installed
        """#)

    /// Runs another script on a terminal as if without one: bytes pass unchanged, and lines of standard error are
    /// marked. Arguments: token, script, the script's arguments.
    static let onTerminal = oneLine(
        """
        T=$1; I=$2; shift 2; stty raw -echo;
        { { sh -c "$I" propel "$@" 2>&1 >&3 3>&-; echo "propel:$T:exit:$?" >&3; }
        | sed -u "s/^/propel:$T:stderr:/"; } 3>&1
        """)

    private static func oneLine(_ text: String) -> String {
        text.nonEmptyLines.joined(separator: " ")
    }
}

/// A line in which a script reports its progress.
enum Mark: Equatable {
    /// The enforcer runs; every further line is one of its messages.
    case ready
    case missing(machine: String)
    case notRoot(user: String)
    case send(gzip: Bool)
    case installed
    case corrupt
    case noSpace
    case failed(String)

    // On a terminal only.
    case exit(Int)
    case standardError(String)

    init?(_ text: some StringProtocol) {
        let fields = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = fields.count > 1 ? String(fields[1]) : ""
        switch fields.first ?? "" {
        case "ready": self = .ready
        case "missing": self = .missing(machine: rest)
        case "notroot": self = .notRoot(user: rest)
        case "send": self = .send(gzip: rest == "gzip")
        case "installed": self = .installed
        case "corrupt": self = .corrupt
        case "nospace": self = .noSpace
        case "failed": self = .failed(rest)
        case "exit": self = .exit(Int(rest) ?? 255)
        case "stderr": self = .standardError(rest)
        default: return nil
        }
    }
}
