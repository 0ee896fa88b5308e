/// The scripts that run on a build host as its login user: sh, coreutils, tar, gzip and flock(1).
///
/// Their messages are lines that begin with `propel:TOKEN:`, since a login shell may print anything else. All files
/// are in the folder of the first argument, below the user's cache: the sources in `tree`, each result in a folder of
/// `builds`.
enum BuildScripts {
    private static let preamble = #"""
        LC_ALL=C; export LC_ALL; T=$2; umask 077
        D=${XDG_CACHE_HOME:-$HOME/.cache}/propel/builds/$1
        say() { printf 'propel:%s:%s\n' "$T" "$1"; }
        fail() { say "failed:$1"; exit 0; }

        """#

    /// Prints the architecture, the version of the compiler, the files with their hashes, and the hash of their
    /// manifest. Arguments: folder, token.
    static let survey =
        preamble + #"""
            say "machine:$(uname -m)"
            say "swift:$(swift --version 2> /dev/null | head -n 1)"
            for tool in tar gzip flock setsid sha256sum; do command -v "$tool" > /dev/null || fail "$tool is not \#
            installed"; done
            if cd "$D/tree" 2> /dev/null; then
                [ ! -e .manifest ] || { M=$(sha256sum < .manifest); say "manifest:${M%% *}"; }
                find . -type f ! -path ./.manifest ! -path ./.manifest.new -exec sha256sum {} + | sed \#
            "s|^\([0-9a-f]*\)  \./|propel:$T:file:\1  |"
            fi
            say end
            """#

    /// Unpacks a gzipped tar from standard input, with `.manifest.new` in it, and removes the files that this does
    /// not name. It becomes the manifest once all files are there. After a lost connection, the next survey finds the
    /// files that have arrived. Arguments: folder, token, size in bytes.
    static let receive =
        preamble + #"""
            mkdir -p "$D/tree" && cd "$D/tree" || fail "cannot create $D/tree"
            exec 9> "$D/lock"; N=0
            until flock -w 1 9; do
                N=$((N + 1)); [ "$N" -lt 900 ] || fail "another build has been running there for 15 minutes"; say \#
            waiting
            done
            say send
            M=$(head -c "$3" | tar -xzf - 2>&1) || fail "$(echo "$M" | tail -n 1)"
            sed 's/^[0-9a-f]*  //' .manifest.new | tr '\n' '\0' | sort -z > ../wanted
            find . ! -type d ! -path ./.manifest ! -path ./.manifest.new -printf '%P\0' | sort -z | comm -z -13 \#
            ../wanted - | xargs -0 -r rm -f --
            M=$(sha256sum --check --quiet --strict .manifest.new 2>&1) || fail "$(echo "$M" | head -n 1)"
            mv -f .manifest.new .manifest
            say received
            """#

    /// Builds in a separate session, or finds the build that is running or has ended, and follows it to its end with
    /// a message every second. Arguments: folder, token, fingerprint, whether an existing result counts (yes, no),
    /// hash of the manifest: another run may have sent other sources.
    static let build =
        preamble + #"""
            R=$D/builds/$3; mkdir -p "$R" && cd "$D/tree" || fail "cannot create $R"
            find "$D/builds" -mindepth 1 -maxdepth 1 -type d -mtime +30 ! -path "$R" -exec rm -rf {} + 2> /dev/null
            exec 8> "$R/lock"
            if flock -n 8; then
                [ "$4" = yes ] && [ "$(cat "$R/status" 2> /dev/null)" = 0 ] && [ -s "$R/propel-enforce.gz" ] || {
                    rm -f "$R/status"
                    setsid sh -c '
                        D=$1 R=$2 M=$3
                        same() { echo "$M  .manifest" | sha256sum --check --quiet --strict && sha256sum --check \#
            --quiet --strict .manifest; }
                        exec 9> "$D/lock"; flock 9
                        P=propel-enforce; [ ! -d Sources/PropelCLI ] || P=propel-examples-enforce
                        { same && \#(SwiftBuild.command) --product $P --scratch-path "$D/scratch" &&
                            same && gzip -9 -n -c "$D/scratch/release/$P" > "$R/.new" &&
                            sync "$R/.new" && mv -f "$R/.new" "$R/propel-enforce.gz"; } > "$R/log" 2>&1 9>&-
                        echo $? > "$R/.status"; mv -f "$R/.status" "$R/status"
                    ' sh "$D" "$R" "$5" < /dev/null > /dev/null 2>&1 &
                }
            fi
            exec 8>&-
            while [ ! -e "$R/status" ]; do
                say "going:$(tail -n 1 "$R/log" 2> /dev/null)"; sleep 1
                [ -d "$R" ] || fail "the build was removed; run again"
                [ -e "$R/status" ] || { (flock -n 8) 8> "$R/lock" && [ ! -e "$R/status" ] && fail "the build was \#
            killed; run again"; }
            done
            S=$(cat "$R/status")
            if [ "$S" = 0 ]; then
                H=$(sha256sum < "$R/propel-enforce.gz"); say "built:$(stat -c %s "$R/propel-enforce.gz"):${H%% *}"
            else
                tail -n 30 "$R/log" | sed "s/^/propel:$T:log:/"; fail "swift build exited with status $S"
            fi
            """#

    /// Sends the rest of a result after a message. Arguments: folder, token, fingerprint, number of bytes that have
    /// arrived.
    static let fetch =
        preamble + #"""
            R=$D/builds/$3/propel-enforce.gz; [ -r "$R" ] || fail "the result was removed"
            say send
            tail -c "+$(($4 + 1))" "$R"
            """#
}
