extension CaseGrammar {
    private enum Login: CaseIterable {
        case plain, types, quoted, spaces, variable, tokens, percent, afterWrongOnes, absent
        case publicKey, agentOnly, agentMany, manyFilesAndAgent, lockedInAgent, locked, emptyAgent, noAgent
        case certificate, certificateFile, wrongCertificate, certificateInAgent, certificateForAgent, securityKey
    }

    /// The keys to log in with.
    /// - Returns: the lines of the configuration that belong to it.
    mutating func login() -> [String] {
        let keys = landscape.keys, variable = "${\(Landscape.variable)}"
        let type = generator.pick(["ed25519", "rsa", "ecdsa"])
        func agent(_ name: String) -> String { "IdentityAgent \(landscape.agent(name))" }
        func wrong(_ count: Int) -> [String] { (0..<count).map { "IdentityFile \(keys)/bad\($0 + 1)" } }
        let only = generator.pick([[], ["IdentitiesOnly yes"]])
        switch generator.pick(Login.allCases) {
        case .plain: return ["IdentityFile \(keys)/good_ed25519"]
        case .types: return ["IdentityFile \(keys)/good_\(type)"]
        case .quoted: return ["IdentityFile \"\(keys)/good_\(type)\""]
        case .spaces:
            return ["IdentityFile=\"\(landscape.directory)/with space/key\"", "IdentityFile \"\(keys)/my key\""]
        case .variable: return ["IdentityFile \(variable)/good_\(type)"]
        case .tokens:
            return ["IdentityFile \(generator.pick([keys, variable]))/\(generator.pick(["%r", "%r", "%n", "%n_%h"]))"]
        case .percent: return ["IdentityFile \(keys)/%%n"]
        case .afterWrongOnes: return wrong(generator.pick([1, 2, 5, 7])) + ["IdentityFile \(keys)/good_\(type)"]
        case .absent:
            return ["IdentityFile \(keys)/nothing", "IdentityFile ~/nothing", "IdentityFile \(keys)/good_\(type)"]
        case .publicKey:
            return ["IdentityFile \(keys)/\(generator.pick(["only.pub", "good_rsa.pub"]))", agent("good")] + only
        case .agentOnly: return [agent(generator.pick(["good", "few"])), "IdentityFile none"]
        case .agentMany:
            return [agent("many"), "IdentityFile \(keys)/good_\(generator.pick(["rsa", "rsa", "ed25519"]))"] + only
        case .manyFilesAndAgent: return wrong(generator.pick([3, 6])) + [agent(generator.pick(["good", "few"]))]
        case .lockedInAgent:
            return ["IdentityFile \(keys)/\(generator.pick(["locked", "locked.pub"]))", agent("locked")] + only
        case .locked: return ["IdentityFile \(keys)/locked"]
        case .emptyAgent: return [agent("empty"), "IdentityFile \(keys)/good_\(type)"]
        case .noAgent: return ["IdentityAgent \(directory)/no-agent", "IdentityFile \(keys)/good_\(type)"]
        case .certificate: return ["IdentityFile \(keys)/cert_\(type)"]
        case .certificateFile:
            return ["CertificateFile \(keys)/\(type).cert", "IdentityFile \(keys)/apart/cert_\(type)"]
        case .wrongCertificate:
            return [
                "CertificateFile \(keys)/wrong.cert",
                "IdentityFile \(keys)/\(generator.pick(["cert_ed25519", "apart/cert_rsa"]))",
                "IdentityFile \(keys)/good_\(generator.pick(["rsa", "ecdsa"]))",
            ]
        case .certificateInAgent: return [agent("certified"), "IdentityFile \(keys)/cert_ed25519"] + only
        case .certificateForAgent:
            return [
                agent("apart"), "CertificateFile \(variable)/\(type).cert", "IdentityFile \(keys)/cert_\(type).pub",
            ] + only
        case .securityKey:
            return ["IdentityFile \(keys)/sk"] + (generator.chance(50) ? ["IdentityFile \(keys)/good_\(type)"] : [])
        }
    }
}
