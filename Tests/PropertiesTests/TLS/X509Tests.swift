import PropelTesting
import RecordedOperations
import Testing

@testable import Properties

/// Certificates that openssl has made.
@Suite(.recorded) struct X509Tests {
    /// For 30 days, shop.example.com, *.example.com and 10.0.0.5.
    static let site = """
        -----BEGIN CERTIFICATE-----
        MIIBvDCCAWKgAwIBAgIUSN1bAwCjBCTHmxxRnEw+NCIP1AAwCgYIKoZIzj0EAwIw
        DzENMAsGA1UEAwwEc2hvcDAeFw0yNjExMzAwMTAxMzlaFw0yNjEyMzAwMTAxMzla
        MA8xDTALBgNVBAMMBHNob3AwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ/cKuB
        CGU92gRM45S3o2dA6oYVBodc3EoE0SgcDw/c2Pf0cFRQDNHz0IL70k1cujSTZv3d
        orUlSzEiT4A7LfVJo4GbMIGYMB0GA1UdDgQWBBRlUsWmOfiA5g3lC5xWphTu8FgY
        XTAfBgNVHSMEGDAWgBRlUsWmOfiA5g3lC5xWphTu8FgYXTAPBgNVHRMBAf8EBTAD
        AQH/MDAGA1UdEQQpMCeCEHNob3AuZXhhbXBsZS5jb22CDSouZXhhbXBsZS5jb22H
        BAoAAAUwEwYDVR0lBAwwCgYIKwYBBQUHAwEwCgYIKoZIzj0EAwIDSAAwRQIhALp0
        9V0YzsAlJRLKYTaIjvw9kcaRqG87SIUPE4IrLOG1AiBqiQWFo49Dt2moXPoLucwx
        f/Ow74oGrgYbLNqkgma5MQ==
        -----END CERTIFICATE-----
        """

    /// Until 2081, and for no other name than that of its subject.
    static let lasting = """
        -----BEGIN CERTIFICATE-----
        MIIBdTCCARugAwIBAgIUFt406GjcdLaQ4pCv12FSXV6L/OAwCgYIKoZIzj0EAwIw
        DzENMAsGA1UEAwwEc2hvcDAgFw0yNjExMzAwMTAwMzhaGA8yMDgxMDkwMjAxMDAz
        OFowDzENMAsGA1UEAwwEc2hvcDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABD9w
        q4EIZT3aBEzjlLejZ0DqhhUGh1zcSgTRKBwPD9zY9/RwVFAM0fPQgvvSTVy6NJNm
        /d2itSVLMSJPgDst9UmjUzBRMB0GA1UdDgQWBBRlUsWmOfiA5g3lC5xWphTu8FgY
        XTAfBgNVHSMEGDAWgBRlUsWmOfiA5g3lC5xWphTu8FgYXTAPBgNVHRMBAf8EBTAD
        AQH/MAoGCCqGSM49BAMCA0gAMEUCIQCgND8NlcQD2X9mPc5rTtzix1dU3SboeEnG
        c3VMvczoBAIgSyqPaTZZCmAvpSG9bCS2MYV2s8axRbJLA6m2JL+wVhk=
        -----END CERTIFICATE-----
        """

    /// Signed by another one, and of version 1, without extensions.
    static let signed = """
        -----BEGIN CERTIFICATE-----
        MIIBBzCBrQIBBTAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARzaG9wMB4XDTI2MTEz
        MDAxMDE0MloXDTI2MTIxMDAxMDE0MlowEDEOMAwGA1UEAwwFb3RoZXIwWTATBgcq
        hkjOPQIBBggqhkjOPQMBBwNCAAQ/cKuBCGU92gRM45S3o2dA6oYVBodc3EoE0Sgc
        Dw/c2Pf0cFRQDNHz0IL70k1cujSTZv3dorUlSzEiT4A7LfVJMAoGCCqGSM49BAMC
        A0kAMEYCIQDelpF2BBZcmxydlNww3JVx57Jv1bNN52Udoi68STSq4AIhAKdTWXK3
        riLzyzW9JFwMUxj1e11CmPW0PU73K5uUUwIj
        -----END CERTIFICATE-----
        """

    @Test func `a certificate tells its names and its end`() throws {
        let site = try #require(X509(pem: Array(Self.site.utf8)))
        #expect(site.names == ["shop.example.com", "*.example.com", "10.0.0.5"])
        #expect(site.isSelfSigned && site.end == 1_798_592_499)
        let lasting = try #require(X509(pem: Array(Self.lasting.utf8)))
        #expect(lasting.names.isEmpty && lasting.isSelfSigned && lasting.end == 3_524_000_438)
        let signed = try #require(X509(pem: Array(Self.signed.utf8)))
        #expect(signed.names.isEmpty && !signed.isSelfSigned && signed.end == 1_796_864_502)
    }

    @Test func `the first certificate of a file counts, whatever is around it`() {
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
        let file = key + Self.signed.replacing("\n", with: "\r\n") + "\n" + Self.site + "\n"
        #expect(X509(pem: Array(file.utf8))?.end == 1_796_864_502)
    }

    @Test func `what is no certificate, or is cut anywhere, is not read`() throws {
        #expect(X509(pem: []) == nil && X509(pem: Array("-----BEGIN CERTIFICATE-----\n".utf8)) == nil)
        let lines = Self.site.split(separator: "\n").map(String.init)
        let bytes = try #require(Base64.decode(lines.dropFirst().dropLast().joined()[...]))
        func pem(_ bytes: some Collection<UInt8>) -> [UInt8] {
            Array("-----BEGIN CERTIFICATE-----\n".utf8) + Base64.encode(Array(bytes))
                + Array("\n-----END CERTIFICATE-----\n".utf8)
        }
        try #require(X509(pem: pem(bytes)) != nil)
        for count in 0..<bytes.count { #expect(X509(pem: pem(bytes.prefix(count))) == nil) }
        // Any damage is read or not read, and ends no run.
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0xFF
            _ = X509(pem: pem(damaged))
        }
    }

    @Test func `a renewed certificate behind a link starts no program`() async throws {
        let fake = FakeMachine()
        fake.files.put("/etc/letsencrypt/archive/a/fullchain1.pem", Self.site)
        fake.files.put("/etc/letsencrypt/live/a/fullchain.pem", linkTo: "../../archive/a/fullchain1.pem")
        let path: FilePath = "/etc/letsencrypt/live/a/fullchain.pem", old = Timestamp(seconds: -50 * 86400)
        #expect(try fake.machine.certificate(at: path)?.names.count == 3)
        let check = try await fake.machine.checkRenewal(of: path, issued: old)
        #expect(check == .satisfied)
        fake.pass(.seconds(1_798_592_499 - 2_000_000 - 6 * 86400))
        let late = try await fake.machine.checkRenewal(of: path, issued: old)
        #expect(late == .unmet("it ends within a week and was not renewed"))
        #expect(fake.commands.log.isEmpty)
    }

    @Test func `links of root are followed, and those of others never`() throws {
        let fake = FakeMachine(), path: FilePath = "/etc/ssl/app.pem"
        fake.files.put("/srv/app.pem", Self.site)
        fake.files.put("/etc/ssl/app-1.pem", linkTo: "../../srv/app.pem")
        fake.files.put(path, linkTo: "app-1.pem")
        #expect(try fake.machine.certificate(at: path)?.names.count == 3)
        try fake.files.remove("/etc/ssl/app-1.pem")
        try fake.files.createLink("/etc/ssl/app-1.pem", to: "/srv/app.pem", owner: Owner(user: 1000, group: 1000))
        #expect(throws: FileError.self) { try fake.machine.certificate(at: path) }
        fake.files.put("/etc/ssl/app-1.pem", linkTo: "app.pem")
        #expect(throws: Failure.self) { try fake.machine.certificate(at: path) }
    }

    @Test func `a self-signed certificate of a site is checked without a program`() async throws {
        let fake = FakeMachine()
        fake.files.put(directory: "/etc/ssl/private", mode: 0o710)
        let path: FilePath = "/etc/ssl/private/nginx-shop.pem"
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
        fake.files.put(path, key + Self.site + "\n", mode: 0o600)
        let names = ["shop.example.com", "*.example.com", "10.0.0.5"]
        fake.pass(.seconds(1_798_592_499 - 2_000_000 - 31 * 86400))
        func check(_ names: [String]) async throws -> Check {
            try await SelfSignedCertificate(path, commonName: "shop", names: names).check(on: fake.machine)
        }
        #expect(try await check(names) == .satisfied)
        #expect(try await check(["shop.example.com"]).reason?.hasPrefix("names shop.example.com, *.") == true)
        fake.files.put(path, Self.site + "\n", mode: 0o600)
        #expect(try await check(names).reason == "the file has no certificate with its key")
        fake.files.put(path, key + Self.signed + "\n", mode: 0o600)
        #expect(try await check(names).reason == "the file has no certificate with its key")
        fake.files.put(path, key + Self.site + "\n", mode: 0o600)
        fake.pass(.days(2))
        #expect(try await check(names).reason == "it expires in less than 30 days")
        #expect(fake.commands.log.isEmpty)
    }
}
