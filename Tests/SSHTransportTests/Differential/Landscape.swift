import Foundation

@testable import SSHTransport

/// The servers, keys and agents that all generated cases share.
final class Landscape {
    enum Host: String, CaseIterable { case plain, signed, expired }

    let directory: String
    let servers: [Host: Server]
    private var agents: [Agent] = []

    /// The environment variable with the folder of the keys.
    static let variable = "PROPEL_TEST_KEYS"

    var keys: String { directory + "/keys" }

    init() throws {
        directory = try shell("mktemp -d /tmp/propel-cases.XXXXXX")
        try shell(
            """
            cd \(directory); mkdir keys 'with space'; cd keys
            for n in 1 2 3 4 5 6 7; do ssh-keygen -q -t ed25519 -N '' -C '' -f bad$n; done
            for type in ed25519 rsa ecdsa; do
              ssh-keygen -q -t $type -N '' -C '' -f good_$type; ssh-keygen -q -t $type -N '' -C '' -f cert_$type
            done
            for name in ca otherca hostca otherhostca otherhost; do ssh-keygen -q -t ed25519 -N '' -f $name; done
            ssh-keygen -q -s ca -I ada -n ada cert_ed25519.pub cert_rsa.pub cert_ecdsa.pub
            mkdir apart
            for type in ed25519 rsa ecdsa; do cp cert_$type apart/; cp cert_$type-cert.pub $type.cert; done
            cp cert_ed25519.pub wrong.pub; ssh-keygen -q -s otherca -I ada -n ada wrong.pub
            mv wrong-cert.pub wrong.cert
            ssh-keygen -q -t ed25519 -N secret -C '' -f locked
            for name in ada box box_127.0.0.1 '%n' 'my key'; do cp good_ed25519 "$name"; done
            cp good_ed25519 '../with space/key'
            cp good_rsa.pub only.pub
            cat good_*.pub locked.pub > ../authorized_keys
            """)
        try Self.securityKey.write(toFile: directory + "/keys/sk", atomically: true, encoding: .utf8)
        try shell("chmod 600 \(directory)/keys/sk")

        let keys = directory + "/keys"
        let users = """
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            TrustedUserCAKeys \(keys)/ca.pub
            AuthorizedKeysFile \(directory)/authorized_keys
            """
        func certified(_ validity: String) -> String {
            "ssh-keygen -q -s \(keys)/hostca -I host -h -n 'box.test,*.signed.test' \(validity) "
                + "host_ed25519.pub"
        }
        let certificate = users + "\nHostCertificate DIRECTORY/host_ed25519-cert.pub"
        servers = [
            .plain: try Server(options: users, hostKeyTypes: ["ed25519", "rsa", "ecdsa"]),
            .signed: try Server(options: certificate, hostKeyTypes: ["ed25519", "rsa"], preparation: certified("")),
            .expired: try Server(
                options: certificate, hostKeyTypes: ["ed25519", "rsa"], preparation: certified("-V 20200101:20210101")),
        ]
        for (name, keys) in Self.agentKeys {
            agents.append(try Agent(agent(name)))
            // ssh-add also loads the certificate beside a key.
            for key in keys {
                try shell(
                    """
                    cd \(directory)/keys; printf '#!/bin/sh\\necho secret\\n' > ../askpass; chmod +x ../askpass
                    SSH_AUTH_SOCK=\(agent(name)) SSH_ASKPASS=$PWD/../askpass SSH_ASKPASS_REQUIRE=force \
                      ssh-add -q \(key) 2>/dev/null
                    """)
            }
        }
        setenv(Self.variable, keys, 1)
    }

    deinit {
        unsetenv(Self.variable)
        _ = try? shell("rm -rf \(directory)")
    }

    /// The keys that each agent holds, in this order.
    static let agentKeys: [(name: String, keys: [String])] = [
        ("empty", []), ("good", ["good_ed25519", "good_rsa"]), ("locked", ["locked"]),
        ("many", ["bad1", "bad2", "bad3", "bad4", "bad5", "bad6", "bad7", "good_rsa"]),
        ("few", ["bad1", "bad2", "good_ecdsa"]), ("certified", ["cert_ed25519", "cert_rsa"]),
        ("apart", ["apart/cert_ed25519", "apart/cert_rsa", "apart/cert_ecdsa"]),
    ]

    func agent(_ name: String) -> String { directory + "/agent-" + name }

    /// A line of known_hosts without its name.
    func key(_ host: Host, _ type: String) throws -> String {
        try shell("cut -d' ' -f1,2 \(servers[host]!.directory)/host_\(type).pub")
    }

    func key(_ name: String) throws -> String { try shell("cut -d' ' -f1,2 \(keys)/\(name).pub") }

    /// The handle of a key on a FIDO token (PROTOCOL.key of OpenSSH), which no token has.
    private static let securityKey: String = {
        func number(_ value: UInt32) -> Data { withUnsafeBytes(of: value.bigEndian) { Data($0) } }
        func string(_ data: Data) -> Data { number(UInt32(data.count)) + data }
        func string(_ text: String) -> Data { string(Data(text.utf8)) }
        let point = Data((0..<32).map { UInt8($0) })
        let key = string("sk-ssh-ed25519@openssh.com") + string(point) + string("ssh:")
        var secret = number(1) + number(1) + key + Data([1]) + string("handle") + string("") + string("")
        secret += Data((1...8).prefix((8 - secret.count % 8) % 8).map { UInt8($0) })
        let whole =
            Data("openssh-key-v1\0".utf8) + string("none") + string("none") + string("") + number(1) + string(key)
            + string(secret)
        return "-----BEGIN OPENSSH PRIVATE KEY-----\n"
            + whole.base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
            + "\n-----END OPENSSH PRIVATE KEY-----\n"
    }()
}
