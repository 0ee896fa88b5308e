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
    /// It is kept as it arrives, and the next upload of the same file begins with a copy of the longest part that is
    /// there; the sizes are in its name, since another gzip makes other bytes. Nothing is taken away from an upload
    /// that goes on beside this one: a part that has not grown for two minutes is removed, and all of them at the end.
    /// The temporary file is removed on every exit; whatever a power failure left behind is removed after an hour.
    static let install = oneLine(
        #"""
        LC_ALL=C; export LC_ALL; D=$1; S=$2; T=$3; N=$4; G=$5; W=$D/.$S.$T;
        say() { echo "propel:$T:$1"; };
        fail() { rm -f "$W" "$P"; case $1 in
        *"No space left"*|*"quota exceeded"*) say nospace;; *) say "failed:$(echo "$1" | tail -n 1)";; esac; exit 0; };
        corrupt() { rm -f "$W" "$D/.$S.$G."*.part; say corrupt; exit 0; };
        [ "$(id -u)" = 0 ] || { say "notroot:$(id -un)"; exit 0; };
        umask 077;
        M=$( { mkdir -p -- "$D" && chown 0:0 "$D" && chmod 0700 "$D"; } 2>&1 ) || fail "$M";
        find "$D" -maxdepth 1 -type f -name ".*" -mmin +60 -exec rm -f {} + 2>/dev/null;
        trap "rm -f \"\$W\"" EXIT; trap "exit 1" HUP INT TERM PIPE;
        Z=gzip; command -v gzip >/dev/null || { Z=raw; G=$N; };
        P=$D/.$S.$G.$T.part; B=0;
        for F in "$D/.$S.$G."*.part; do L=$( { wc -c <"$F"; } 2>/dev/null )
        && [ "$L" -gt "$B" ] && [ "$L" -le "$G" ] && { B=$L; O=$F; }; done;
        M=$( { if [ "$B" -gt 0 ]; then head -c "$B" "$O"; fi >"$P"; } 2>&1 ) || fail "$M";
        find "$D" -maxdepth 1 -type f -name ".$S.$G.*.part" -mmin +2 -exec rm -f {} + 2>/dev/null;
        say "send:$Z:$B"; M=$( { head -c $((G-B)) >>"$P"; } 2>&1 ) || fail "$M";
        L=$( { wc -c <"$P"; } 2>/dev/null );
        [ "$L" = "$G" ] || { if [ -x "$D/$S" ]; then say installed; fi; exit 0; };
        if [ $Z = raw ]; then mv -f "$P" "$W"; else
        M=$( { gzip -dc <"$P" >"$W"; } 2>&1 ) || case $M in *"No space left"*|*"quota exceeded"*) fail "$M";;
        *) corrupt;; esac; fi;
        H=$(sha256sum <"$W"); [ "${H%% *}" = "$S" ] || corrupt;
        M=$( { { sync "$W" 2>/dev/null || sync; } && chmod 0700 "$W" && mv -f "$W" "$D/$S"; } 2>&1 ) || fail "$M";
        rm -f "$D/.$S.$G."*.part; sync "$D" 2>/dev/null || sync;
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
    /// `from` is the number of bytes that are there from an upload that was cut.
    case send(gzip: Bool, from: Int)
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
        case "send":
            let parts = rest.split(separator: ":")
            guard parts.count == 2, let count = Int(parts[1]) else { return nil }
            self = .send(gzip: parts[0] == "gzip", from: count)
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
