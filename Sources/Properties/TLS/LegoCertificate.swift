/// A certificate that lego has got from an authority; see ``TLS/ACME``.
struct LegoCertificate: Property {
    typealias Target = DebianLike

    let acme: TLS.ACME
    let lego: TLS.ACME.Lego

    var name: String { "certificate \(acme.id) from \(acme.server.url)" }
    var problems: [String] { problems(in: acme.validate) }
    var claims: [Claim] { [Claim("the certificate \(acme.id) of lego", is: form)] }

    private var names: String { acme.names.sorted().joined(separator: ", ") }
    private var form: String { "\(names) from \(acme.server.url)" }

    func check(on machine: Machine) async throws -> Check {
        try acme.validate()
        guard try machine.files.status(of: lego.key) != nil, let issued = try machine.files.status(of: lego.certificate)
        else { return .unmet("get it for \(names)") }
        guard try CertificateRecord.read(acme.places.legoRecord, on: machine)?.form == form else {
            return .unmet("other names, or another authority: get it for \(names)")
        }
        // lego writes the file again with each renewal.
        return try await machine.checkRenewal(of: lego.certificate, issued: issued.modified)
    }

    func apply(on machine: Machine) async throws {
        try acme.validate()
        let command = Invocation(lego.program.string, ["run", "--run-hook", lego.hook.string])
        let result = try await machine.run(command)
        guard result.succeeded else {
            throw Failure(
                "lego did not get the certificate \(acme.id)", command: command.description,
                ending: result.ending.description, output: CommandFailure(command: command, result: result).lastLines,
                advice: "The credentials must allow changes of the zone. Try with server: .letsEncryptStaging: "
                    + "Let's Encrypt counts failures.")
        }
        try CertificateRecord(form: form, files: "", end: 0).write(acme.places.legoRecord, on: machine)
    }
}
