extension RepositoryBackup {
    private func quote(_ words: [String]) -> String { ShellQuoting.quote(words) }
    /// The tag of its snapshots in a repository of restic.
    var tag: String { "propel-\(id)" }
    /// The names of Borg's archives, with its placeholders.
    private var archives: String { "{hostname}-\(id)-" }

    /// The program with this repository: for the scripts, and for people who look at backups and restore them.
    var commandText: String {
        let file = { (name: String) in directory.appending(name).string }
        let variables =
            program == .restic
            ? [
                "export RESTIC_REPOSITORY_FILE=\(file("repository")) RESTIC_PASSWORD_FILE=\(file("password"))",
                "export RESTIC_CACHE_DIR=/var/cache/restic",
            ]
            : [
                "BORG_REPO=$(cat \(file("repository")))",
                "export BORG_REPO BORG_PASSCOMMAND=\(quote(["cat \(file("password"))"]))",
            ]
        let more = environment.keys.sorted().flatMap { name in
            ["\(name)=$(cat \(directory.appending("environment").appending(name)))", "export \(name)"]
        }
        return script(
            "\(program.rawValue) with the repository and the password of the backup \(id).",
            ["export HOME=/root"] + variables + more + ["exec \(program.executable) \"$@\""])
    }

    var backupText: String {
        var lines = lock + mount
        if !after.trimmed.isEmpty {
            lines += [
                "finish() {", "    status=$?", "    trap - EXIT", "    set +e", "    (", "        set -e",
                after.trimmed,
                "    ) || status=1", "    exit \"$status\"", "}", "trap finish EXIT",
            ]
        }
        if !before.trimmed.isEmpty { lines.append(before.trimmed) }
        lines += [
            // restic skips a path that is missing, and succeeds.
            "for path in \(quote(paths.map(\.string))); do",
            "    [[ -e $path ]] || { echo \"$path does not exist\" >&2; exit 1; }", "done",
        ]
        switch program {
        case .restic:
            lines += [
                // Locks of processes that have ended.
                "\(command) unlock --quiet",
                quote(
                    [command.string, "backup", "--tag=\(tag)", "--exclude-caches"]
                        + excluded.map { "--exclude=\($0)" } + ["--"] + paths.map(\.string)),
            ]
        case .borg:
            lines.append(
                quote(
                    [command.string, "create", "--compression=zstd", "--exclude-caches"]
                        + excluded.map { "--exclude=\($0)" } + ["::\(archives){now:%Y-%m-%dT%H:%M:%S}"]
                        + paths.map(\.string))
                    // It exits with 1 if a file changed while it was read.
                    + " || [[ $? -eq 1 ]]")
        }
        lines += [
            // The first one of a machine that stands in for a lost one forgets nothing: only the repository has that.
            "isFirst=$([[ -e \(stamp) ]] || echo yes)", "mkdir -p -m 0700 \(stamp.removingLastComponent())",
            "touch \(stamp)",
        ]
        switch program {
        case .restic:
            // Not by paths, so that those of an older description end too.
            lines.append(
                "[[ -n $isFirst ]] || "
                    + quote(
                        [command.string, "forget", "--tag=\(tag)", "--group-by=host,tags", "--prune"] + keep.options))
        case .borg:
            lines += [
                "[[ -n $isFirst ]] || "
                    + quote([command.string, "prune", "--glob-archives=\(archives)\(Self.anyTime)"] + keep.options),
                "\(command) compact",
            ]
        }
        return script("Backs up into the repository of \(id).", lines)
    }

    var checkText: String {
        var lines = lock + mount
        switch program {
        case .restic: lines += ["\(command) unlock --quiet", "\(command) check --read-data-subset=5%"]
        case .borg: lines.append("\(command) check")
        }
        guard !restoreTest.isEmpty else { return script("Checks the repository of \(id).", lines) }
        lines += [
            "directory=$(mktemp -d /var/tmp/\(unit).XXXXXX)", "trap 'rm -rf -- \"$directory\"' EXIT",
        ]
        switch program {
        case .restic:
            lines.append(
                quote(
                    [command.string, "restore", "latest", "--tag=\(tag)", "--verify"]
                        + restoreTest.map { "--include=\($0)" })
                    + " --host=\"$(hostname)\" --target=\"$directory\"")
        case .borg:
            lines += [
                "archive=$(\(command) list --last=1 --glob-archives=\(quote(["\(archives)*"])) --format='{archive}')",
                "cd \"$directory\"",
                "\(command) extract \"::$archive\" \(quote(restoreTest.map { String($0.string.dropFirst()) }))",
            ]
        }
        for path in restoreTest {
            let restored = "\"$directory\"\(quote([path.string]))"
            lines.append(
                "[[ -e \(restored) ]] || { echo \(quote(["\(path) was not restored"])) >&2; exit 1; }")
        }
        return script("Checks the repository of \(id), and restores from it.", lines)
    }

    /// One at a time: a check would fail on the lock of a backup.
    private var lock: [String] { ["exec 9> \(places.lock)", "flock 9"] }

    /// Without it the backup would fill the disk that it should be a copy of.
    private var mount: [String] {
        mountPoint.map { point in
            [
                "mountpoint -q -- \(quote([point.string])) || { echo \(quote(["\(point) is not mounted"])) >&2; "
                    + "exit 1; }"
            ]
        } ?? []
    }

    private func script(_ words: String, _ lines: [String]) -> String {
        (["#!/bin/bash", "# \(words) Kept by Propel.", "set -euo pipefail"] + lines).map { $0 + "\n" }.joined()
    }
}
