import Vocabulary
import Foundation
import Propel
import Sandbox
import Testing

/// Images of a stack that are built on the machine, imported from an archive, or pulled from a registry. With both
/// engines of Debian, and Debian's registry package.
@Suite(.serialized)
struct StackOriginTests {
    @Test(.machines, arguments: DebianRelease.allCases)
    func `images are built, imported and pulled`(_ suite: DebianRelease) async throws {
        let machine = try await TestMachine.up(role: "page", suite: suite, packages: TestMachine.docker)
        try await machine.installDocker()
        try await machine.ssh(
            "(apt-get --quiet=2 update && apt-get --yes --quiet=2 install docker-registry) > /dev/null 2>&1")
        // One that asks nobody for a password.
        try await machine.ssh(
            "sed -i '/^auth:/,/path:/d' /etc/docker/registry/config.yml && systemctl restart docker-registry")
        try await machine.ssh(
            """
            mkdir -p /srv/base /srv/source && cd /srv/base && cp "$(command -v busybox)" busybox
            printf '%s\\n' 'FROM scratch' 'COPY busybox /bin/busybox' 'RUN ["/bin/busybox", "--install", \
            "/bin"]' > Dockerfile
            DOCKER_BUILDKIT=0 docker build --quiet --tag base . > /dev/null
            cd /srv/source && printf '%s\\n' 'FROM base' 'COPY index.html /www/' 'STOPSIGNAL SIGKILL' 'CMD \
            ["httpd", "-f", "-p", "80", "-h", "/www"]' > Dockerfile
            echo one > index.html
            """)
        try await expectTheImageIsBuilt(machine)
        try await expectTheImageIsImported(machine)
        try await expectTheImageIsPulled(machine)
        try await expectASiteInFrontOfTheStack(machine)
        try await expectEveryOptionIsApplied(machine)
        try await expectSharedObjects(machine)
    }

    /// Networks, volumes and logins besides those of the stack.
    private func expectSharedObjects(_ machine: TestMachine) async throws {
        let judge = """
            docker network inspect lan --format '{{.Internal}} {{json .IPAM.Config}} {{json .Options}} {{json .Labels}}'
            docker volume inspect films --format '{{json .Options}}'
            docker network ls --format '{{.Name}}' | grep old; docker volume ls --quiet | grep old
            grep -c old.example.com /root/.docker/config.json
            tr -d ' \\n\\t' < /root/.docker/config.json | grep -o 'registry.example.com":{"auth":"[^"]*'
            """
        let before = try await machine.ssh(judge)
        #expect(
            before == """
                true [{"Subnet":"192.0.2.0/24","Gateway":"192.0.2.1"}] {"com.docker.network.driver.mtu":"1400"} \
                {"example.place":"office"}
                {"device":"tmpfs","o":"size=1m","type":"tmpfs"}
                0
                registry.example.com":{"auth":"YW5uYTp0dWxpcA==
                """)
        try await machine.ssh(
            """
            set -e; docker network rm lan; docker volume rm films; docker network create old-lan
            docker volume create old-cache; touch "$(docker volume inspect old-cache --format '{{.Mountpoint}}')/a"
            printf '{"auths": {"old.example.com": {"auth": "YTpi"}}}' > /root/.docker/config.json
            """)
        let plan = try await machine.configuration.propel(json: "plan", machine.name)
        #expect(try plan.paths(.wouldChange).count == 6, "\(plan)")
        let repair = try await machine.configuration.propel(json: machine.name)
        #expect(repair.status == 0, "\(repair)")
        try repair.expectDone(as: plan)
        #expect(try await machine.ssh(judge) == before)
        try await machine.expectNothingToDo()
    }

    private func deploy(_ machine: TestMachine, _ keys: String = "") async throws -> Answer {
        try machine.describe(role: "page", keys: keys)
        return try await machine.configuration.propel(json: machine.name)
    }

    private func expectServed(_ machine: TestMachine, _ text: String) async throws {
        #expect(try await machine.ssh("curl --silent --max-time 5 http://127.0.0.1:8080/") == text)
    }

    private func expectTheImageIsBuilt(_ machine: TestMachine) async throws {
        let first = try await deploy(machine)
        #expect(first.status == 0, "\(first)")
        try await expectServed(machine, "one")
        try await machine.expectNothingToDo()

        try await machine.ssh("echo two > /srv/source/index.html")
        let plan = try await machine.configuration.propel(json: "plan", machine.name)
        let second = try await deploy(machine)
        #expect(second.status == 0, "\(second)")
        #expect(try plan.paths(.wouldChange, .unknown) == second.paths(.changed), "\(plan)")
        try await expectServed(machine, "two")
        try await machine.expectNothingToDo()

        // The same name, and it does not serve: what was there before has it again.
        try await machine.ssh(
            "cp /srv/source/Dockerfile /srv/Dockerfile && sed -i 's/\"80\"/\"81\"/' /srv/source/Dockerfile")
        let sick = try await deploy(machine)
        #expect(sick.status == 5, "\(sick)")
        try await expectServed(machine, "two")
        try await machine.ssh("mv /srv/Dockerfile /srv/source/Dockerfile && echo three > /srv/source/index.html")
        let third = try await deploy(machine)
        #expect(third.status == 0, "\(third)")
        try await expectServed(machine, "three")
        try await machine.expectNothingToDo()
    }

    private func expectTheImageIsImported(_ machine: TestMachine) async throws {
        try await machine.ssh(
            "docker image tag page:built page:archived && docker save page:archived | gzip -1 > /srv/page.tar.gz && "
                + "docker image rm page:archived > /dev/null"
        )
        let run = try await deploy(machine, "origin = \"archive\"")
        #expect(run.status == 0, "\(run)")
        #expect(try await machine.ssh("docker ps --format '{{.Image}}'") == "page:archived")
        try await expectServed(machine, "three")
        try await machine.expectNothingToDo()
    }

    private func expectTheImageIsPulled(_ machine: TestMachine) async throws {
        try await machine.ssh(
            """
            cd /srv/source && for version in v1 v2; do
                echo $version > index.html
                DOCKER_BUILDKIT=0 docker build --quiet --tag localhost:5000/page:$version . > /dev/null
                docker push --quiet localhost:5000/page:$version > /dev/null && docker image rm \
            localhost:5000/page:$version > /dev/null
            done
            """)
        for tag in ["v1", "v2"] {
            let plan = try await planned(machine, tag)
            let run = try await deploy(machine, "origin = \"registry\"\ntag = \"\(tag)\"")
            #expect(run.status == 0, "\(run)")
            #expect(try plan == run.paths(.changed))
            try await expectServed(machine, tag)
            try await machine.expectNothingToDo()
        }
        // A tag that the registry does not have: nothing is touched.
        let missing = try await deploy(machine, "origin = \"registry\"\ntag = \"v3\"")
        #expect(missing.status == 1 && missing.output.contains("could not be pulled"), "\(missing)")
        #expect(try missing.paths(.changed).isEmpty)
        try await expectServed(machine, "v2")
    }

    /// The host's nginx, which takes the ports of the container from the stack. No request fails while the second
    /// version takes over, although its predecessor answers no more of them once docker stops it.
    private func expectASiteInFrontOfTheStack(_ machine: TestMachine) async throws {
        let ask =
            "curl --silent --insecure --max-time 5 --resolve page.example.com:443:127.0.0.1 https://page.example.com/"
        for tag in ["v2", "v1"] {
            if tag == "v1" { try await startAsking(machine, with: ask) }
            let run = try await deploy(machine, "origin = \"registry\"\ntag = \"\(tag)\"\nsite = true")
            #expect(run.status == 0, "\(run)")
            #expect(try await machine.ssh(ask) == tag)
        }
        #expect(try await answersOfTheLoad(machine) == "answered")
        // It was made as the second one.
        #expect(try await machine.ssh("docker ps --format '{{.Names}}'").hasSuffix("2"))
        try await machine.expectNothingToDo()
    }

    /// Asks for the page again and again, and writes down whether each request is answered.
    private func startAsking(_ machine: TestMachine, with ask: String) async throws {
        try await machine.ssh(
            "touch /run/load && systemd-run --quiet --unit=load sh -c 'while test -e /run/load; do if \(ask) --fail "
                + "--output /dev/null; then echo answered; else echo failed; fi; sleep 0.02; done > /run/answers'")
    }

    /// What became of the requests, each result once.
    private func answersOfTheLoad(_ machine: TestMachine) async throws -> String {
        try await machine.ssh(
            "rm /run/load; while systemctl --quiet is-active load; do sleep 0.1; done; sort --unique /run/answers")
    }

    /// A container that uses every part, with an image by digest: compose and the schema accept it, and the engine
    /// runs it as described.
    private func expectEveryOptionIsApplied(_ machine: TestMachine) async throws {
        let name = try await machine.ssh(
            "docker image inspect --format '{{index .RepoDigests 0}}' localhost:5000/page:v2")
        let digest = try #require(name.split(separator: "@").last)
        let run = try await deploy(machine, "origin = \"registry\"\ndigest = \"\(digest)\"\nmirror = true")
        #expect(run.status == 0, "\(run)")
        try await expectServed(machine, "v2")
        try await machine.expectValid(
            try await machine.configuration.propel("compose", machine.name).output, of: "page")

        let id = try await machine.ssh("docker ps --quiet --filter label=com.docker.compose.service=mirror")
        func told(_ format: String) async throws -> String {
            try await machine.ssh("docker inspect --format '\(format)' \(id)")
        }
        #expect(try await told("{{.Config.Image}}") == "localhost:5000/page@\(digest)")
        #expect(
            try await told(
                "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} "
                    + "{{.HostConfig.RestartPolicy.Name}}"
            ) == "67108864 500000000 50 on-failure")
        #expect(
            try await told(
                "{{with .Config.Healthcheck}}{{.Test}} {{.Interval}} {{.Timeout}} {{.StartPeriod}} {{.Retries}}{{end}}")
                == "[CMD wget -q -O /dev/null http://127.0.0.1/] 1.5s 2s 2.5s 4")
        #expect(try await told("{{json (index .Config.Cmd 7)}}") == #""it's \"$HOME\"""#)
        #expect(
            try await told("{{range $name, $network := .NetworkSettings.Networks}}{{$name}} {{end}}")
                == "page_inside.internal page_page ")
        func within(_ command: String) async throws -> String { try await machine.ssh("docker exec \(id) \(command)") }
        #expect(try await within(#"sh -c 'echo "$GREETING"'"#) == "it's \"$HOME\" # ${x} é")
        #expect(try await within(#"cat "/etc/it's \$HOME.conf""#) == "\"$HOME\" # ${x}")
        #expect(try await within(#"stat -c '%u %a' "/etc/it's \$HOME.conf""#) == "7 644")
        #expect(try await within("cat '/etc/the host'") == (try await machine.ssh("cat /etc/hostname")))
        #expect(try await within("touch '/var/cache/the page/x'") == "")
        #expect(try await machine.ssh("ls /var/lib/docker/volumes/page_cache/_data") == "x")
        await #expect(throws: (any Error).self) { try await within("touch '/etc/the host'") }
        for address in ["127.0.0.1", "[::1]"] {
            #expect(try await machine.ssh("curl --silent --max-time 5 'http://\(address):8081/'") == "v2")
        }
        #expect(try await told(#"{{(index (index .NetworkSettings.Ports "81/udp") 0).HostPort}}"#) == "8081")
        try await expectEveryKeyIsApplied(told)
        try await expectTheNetworksOfOthers(machine)
        try await expectTheDirectoryIsRestored(machine)
        try await machine.expectNothingToDo()
    }

    /// What the engine says of the container that was made of the keys of `furtherParts`.
    private func expectEveryKeyIsApplied(_ told: (String) async throws -> String) async throws {
        #expect(
            try await told("{{.Name}} {{.Config.Hostname}} {{.Config.User}} {{.Config.WorkingDir}}")
                == "/the-mirror mirror.example.com 0:0 /www")
        #expect(
            try await told(
                "{{.HostConfig.Init}} {{.Config.StopSignal}} {{.Config.StopTimeout}} {{.HostConfig.GroupAdd}}")
                == "true SIGKILL 40 [4711]")
        #expect(
            try await told(#"{{index .Config.Labels "example.rule"}} {{index .Config.Labels "example.number"}}"#)
                == "Host(`a.example.com`) && $x 1")
        #expect(
            try await told("{{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}").replacing(
                "CAP_", with: "") == "[NET_ADMIN] [MKNOD] [no-new-privileges:true]")
        #expect(
            try await told("{{.HostConfig.Tmpfs}} {{.HostConfig.ShmSize}} {{.HostConfig.Sysctls}}")
                == "map[/scratch:size=1048576,mode=1777] 1048576 map[net.core.somaxconn:64]")
        #expect(try await told("{{.HostConfig.IpcMode}} {{.HostConfig.LogConfig.Type}}") == "private json-file")
        #expect(try await told(#"{{index .HostConfig.LogConfig.Config "max-size"}}"#) == "1m")
        #expect(
            try await told("{{.HostConfig.Dns}} {{.HostConfig.DnsSearch}} {{.HostConfig.DnsOptions}}")
                == "[192.0.2.53] [example.com] [ndots:1]")
        #expect(try await told("{{.HostConfig.ExtraHosts}}").contains("nas.example.com:192.0.2.7"))
        #expect(try await told("{{.HostConfig.OomScoreAdj}} {{.Config.Tty}}") == "100 true")
        #expect(try await told("{{json .Config.Env}}").contains("page.note-1=$HOME # é"))
    }

    /// One container in the network of the machine, and one in that of another.
    private func expectTheNetworksOfOthers(_ machine: TestMachine) async throws {
        #expect(try await machine.ssh("curl --silent --max-time 5 http://127.0.0.1:8090/") == "v2")
        func id(_ name: String) async throws -> String {
            try await machine.ssh("docker ps --quiet --no-trunc --filter label=com.docker.compose.service=\(name)")
        }
        func expectShared() async throws {
            let page = try await id("page"), beside = try await id("beside")
            #expect(
                try await machine.ssh("docker inspect --format '{{.HostConfig.NetworkMode}}' \(beside)")
                    == "container:\(page)")
            #expect(try await machine.ssh("docker exec \(page) wget -q -O - http://127.0.0.1:82/") == "v2")
        }
        try await expectShared()
        // The other one gets another ID, which only the description of the first one says.
        try await machine.ssh("docker rm --force \(try await id("page"))")
        let run = try await machine.configuration.propel(json: machine.name)
        #expect(run.status == 0, "\(run)")
        try await expectShared()
    }

    /// Data in a directory, with its owner and mode.
    private func expectTheDirectoryIsRestored(_ machine: TestMachine) async throws {
        let directory = "/srv/page-data/config", state = "stat --format '%u %a' \(directory) && cat \(directory)/*"
        #expect(try await machine.ssh("stat --format '%u %a' \(directory)") == "4711 750")
        try await machine.ssh("echo settings > \(directory)/settings")
        let taken = try await machine.configuration.propel("backup", "now", machine.name)
        #expect(taken.status == 0, "\(taken)")
        try await machine.ssh(
            "echo damaged > \(directory)/settings; touch \(directory)/other; chown 0 \(directory)")
        let list = try await machine.configuration.propel("backup", "list", machine.name, "--json")
        let newest = try JSON(parsing: String(try #require(list.output.split(separator: "\n").first)))
        let id = try #require(newest["id"]?.string)
        let restored = try await machine.configuration.propel(
            "restore", machine.name, id, "--replace", "--yes")
        #expect(restored.status == 0, "\(restored)")
        #expect(try await machine.ssh(state) == "4711 750\nsettings")
    }

    private func planned(_ machine: TestMachine, _ tag: String) async throws -> Set<String> {
        try machine.describe(role: "page", keys: "origin = \"registry\"\ntag = \"\(tag)\"")
        return try await machine.configuration.propel(json: "plan", machine.name).paths(.wouldChange, .unknown)
    }
}
