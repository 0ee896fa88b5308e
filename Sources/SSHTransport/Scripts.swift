import PlainText

/// The scripts that run on the machine before the enforcer: a few lines of sh that need coreutils, and use xz or gzip
/// if present.
///
/// Each reports its progress in lines of the form `propel:TOKEN:…`, the *marks*. The token is random, so that no
/// output of a login shell can be mistaken for a mark. The scripts are one line and contain neither `'` nor `!`,
/// because of csh.
enum Scripts {
    /// Runs an enforcer, or tells what could help to install it: the architecture, programs that decompress, and older
    /// enforcers, the last one first. Arguments: directory, SHA-256, token, the enforcer's arguments.
    static let start = oneLine(
        """
        LC_ALL=C; export LC_ALL; D=$1; E=$D/$2; T=$3; shift 3;
        [ -x "$E" ] && exec "$E" "$@" --mark "$T";
        if [ "$(id -u)" = 0 ]; then
        P=; for Z in xz gzip; do command -v $Z >/dev/null && P="$P $Z"; done;
        O=$(ls -t "$D" 2>/dev/null | grep -xE "[0-9a-f]{64}");
        echo "propel:$T:missing:$(uname -m):$P:"$O;
        else echo "propel:$T:notroot:$(id -un)"; fi
        """)

    /// Installs an enforcer from standard input. Arguments: directory, SHA-256, token, and those of `Payload`: size,
    /// checksum, the program that decompresses it or `cat`, and the enforcer that it is a patch for or `-`.
    ///
    /// The input is counted rather than read to its end, so that a lost link is not mistaken for the end of the file.
    /// It is kept as it arrives, and the next upload of the same bytes begins with a copy of the longest part that is
    /// there; size and checksum are in its name, since another xz, or another earlier enforcer, makes other bytes.
    /// Nothing is taken away from an upload that goes on beside this one: a part that has not grown for two minutes is
    /// removed, and all of the enforcer at the end. The temporary file is removed on every exit; whatever a power
    /// failure left behind is removed after an hour.
    static let install = oneLine(
        #"""
        LC_ALL=C; export LC_ALL; D=$1; S=$2; T=$3; N=$4; Z=$6; B=$7; W=$D/.$S.$T; Q=.$S.$N.$5;
        say() { echo "propel:$T:$1"; };
        fail() { rm -f "$W" "$P"; case $1 in
        *"No space left"*|*"quota exceeded"*) say nospace;; *) say "failed:$(echo "$1" | tail -n 1)";; esac; exit 0; };
        corrupt() { rm -f "$W" "$D/$Q."*.part; say corrupt; exit 0; };
        [ "$(id -u)" = 0 ] || { say "notroot:$(id -un)"; exit 0; };
        umask 077;
        M=$( { mkdir -p -- "$D" && chown 0:0 "$D" && chmod 0700 "$D"; } 2>&1 ) || fail "$M";
        find "$D" -maxdepth 1 -type f -name ".*" -mmin +60 -exec rm -f {} + 2>/dev/null;
        trap "rm -f \"\$W\"" EXIT; trap "exit 1" HUP INT TERM PIPE;
        unpack() { case $Z in cat) cat;; *) "$Z" -dc;; esac; };
        build() { case $B in -) cat;; *) "$D/$B" patch;; esac; };
        P=$D/$Q.$T.part; A=0;
        for F in "$D/$Q."*.part; do L=$( { wc -c <"$F"; } 2>/dev/null )
        && [ "$L" -gt "$A" ] && [ "$L" -le "$N" ] && { A=$L; O=$F; }; done;
        M=$( { if [ "$A" -gt 0 ]; then head -c "$A" "$O"; fi >"$P"; } 2>&1 )
        || { if [ -x "$D/$S" ]; then rm -f "$P"; say installed; exit 0; fi; fail "$M"; };
        find "$D" -maxdepth 1 -type f -name "$Q.*.part" -mmin +2 -exec rm -f {} + 2>/dev/null;
        say "send:$A"; M=$( { head -c $((N-A)) >>"$P"; } 2>&1 ) || fail "$M";
        L=$( { wc -c <"$P"; } 2>/dev/null );
        [ "$L" = "$N" ] || { if [ -x "$D/$S" ]; then say installed; fi; exit 0; };
        if [ "$Z$B" = cat- ]; then mv -f "$P" "$W"; else
        M=$( { unpack <"$P" | build >"$W"; } 2>&1 ) || case $M in *"No space left"*|*"quota exceeded"*) fail "$M";;
        *) corrupt;; esac; fi;
        H=$(sha256sum <"$W"); [ "${H%% *}" = "$S" ] || corrupt;
        M=$( { { sync "$W" 2>/dev/null || sync; } && chmod 0700 "$W" && mv -f "$W" "$D/$S"; } 2>&1 ) || fail "$M";
        rm -f "$D/.$S."*.part; sync "$D" 2>/dev/null || sync;
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
    /// The enforcer is not there; what the machine has instead.
    case missing(machine: String, programs: [Compression], enforcers: [String])
    case notRoot(user: String)
    /// `from` is the number of bytes that are there from an upload that was cut.
    case send(from: Int)
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
        case "missing":
            let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
            func words(_ index: Int) -> [Substring] { index < parts.count ? parts[index].split(separator: " ") : [] }
            self = .missing(
                machine: String(parts[0]),
                programs: Compression.allCases.filter { words(1).contains(Substring($0.rawValue)) },
                enforcers: words(2).filter { Enforcer.isHash($0) }.prefix(3).map(String.init))
        case "notroot": self = .notRoot(user: rest)
        case "send":
            guard let count = Int(rest) else { return nil }
            self = .send(from: count)
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
