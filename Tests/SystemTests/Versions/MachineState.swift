/// What runs decide about on a machine of the role `versions`, one line for each thing, sorted and without times.
struct MachineState: Equatable {
    /// The files that Propel itself writes: kind, mode, owner, group, path, and content, size or destination.
    var files: [String]
    /// What else is there: containers, images, volumes, packages, accounts, and the names below `/var/lib/propel`.
    var others: [String]
    /// Files that are staged, folders that are made for a while, actions that are pending, and a lock that is held.
    var leftovers: [String]

    init(of machine: TestMachine) async throws {
        func lines(_ command: String) async throws -> [String] {
            try await machine.ssh(command).split(separator: "\n").map {
                String($0).replacing(#/[0-9]{8}T[0-9]{6}Z/#, with: "TIME")
            }.sorted()
        }
        files = try await lines(
            """
            cd / && find etc/versions.conf etc/first.conf etc/fstab etc/systemd/system srv swapfile -printf '%p %y\\n' \
                2> /dev/null | while read -r path kind; do
                case $kind in
                    f) case $path in
                        swapfile) content=$(stat --format=%s "$path") ;;
                        *) content=$(sha256sum < "$path") ;;
                    esac ;;
                    l) content=$(readlink "$path") ;;
                    *) content= ;;
                esac
                stat --printf="%A %U %G %n $content\\n" "$path"
            done
            """)
        others = try await lines(
            """
            docker ps --all --format 'container {{.Names}} {{.Image}} {{.State}}'
            docker images --format 'image {{.Repository}}:{{.Tag}}'
            docker volume ls --format 'volume {{.Name}}'
            docker network ls --format 'network {{.Name}}'
            dpkg-query --show --showformat='package ${Package} ${Status}\\n' | grep -v 'deinstall ok config-files'
            getent passwd | sed 's/^/account /'
            cd /var/lib/propel && find . -path ./runs/'*' -prune -o -printf 'state %p\\n'
            """)
        leftovers = try await lines(
            """
            find / -xdev -path /var/lib/docker -prune -o \\( -name '.*.propel' -o -name '.propel-*' \\) -print
            ls -d /tmp/*propel* /run/propel/* /var/lib/propel/pending/* /var/lib/propel/contents/* 2> /dev/null || true
            find /var/backups -name '.*'
            flock --nonblock /var/lib/propel/lock true || echo the lock
            dpkg --audit
            """)
    }

    /// What is there and not in the other state, and the other way around.
    func difference(to other: MachineState) -> String {
        (files + others).difference(from: other.files + other.others).map { change in
            switch change {
            case .insert(_, let line, _): "+ \(line)"
            case .remove(_, let line, _): "- \(line)"
            }
        }.joined(separator: "\n")
    }
}
