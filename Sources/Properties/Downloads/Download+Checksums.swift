extension Download {
    /// A list of hashes on the web, as sha256sum(1) prints it, with the signature of its publisher.
    public struct Checksums: Sendable, Hashable {
        public let url: String
        public let signature: String?
        public let key: String
        public let entry: String?

        /// - Parameters:
        ///   - url: the URL of the list.
        ///   - signature: the URL of its signature; nil if the list itself is signed in clear text.
        ///   - key: the public key of the publisher, armored (`gpg --armor --export KEY`), or several of them.
        ///   - entry: the name of the file in the list; the last part of its URL by default.
        public init(_ url: String, signature: String? = nil, key: String, entry: String? = nil) {
            self.url = url
            self.signature = signature
            self.key = key
            self.entry = entry
        }

        var form: String { [url, signature ?? "", SHA256.hash(Array(key.utf8)), entry ?? ""].joined(separator: " ") }

        func validate() throws {
            for url in [url, signature].compactMap(\.self) {
                try Source(url, sha256: "").validate(isPinned: false)
            }
            guard Self.keyring(key) != nil else {
                throw Failure(
                    "the key for \(url) is no armored public key",
                    advice:
                        "Paste it from “-----BEGIN PGP PUBLIC KEY BLOCK-----” on, as gpg --armor --export prints it.")
            }
        }

        /// The hash of a file in the list, once its signature is found to be good.
        /// - Throws: ``Failure`` if it is not, or if the list does not have the file.
        func hash(of file: String, on machine: Machine) async throws -> String {
            guard try machine.files.status(of: "/usr/bin/gpgv") != nil else {
                throw Failure(
                    "the signature of \(url) cannot be verified without gpgv",
                    advice: "Declare Apt.Installed(\"gpgv\") before.")
            }
            let list = try await verifiedList(on: machine)
            let name = entry ?? String(file.split(separator: "/").last ?? "")
            let found = Set(Self.entries(of: list).filter { $0.name == name }.map(\.hash))
            guard let hash = found.first, found.count == 1 else {
                throw Failure(
                    "\(url) has \(found.isEmpty ? "no" : "more than one") SHA-256 of \(name)",
                    advice: "Name the entry of the list: checksums: .init(…, entry: …).")
            }
            return hash
        }

        /// The list, as far as it is signed.
        private func verifiedList(on machine: Machine) async throws -> String {
            try await machine.withDownloads(["list", "signature", "keyring.gpg"]) { paths in
                let list = paths[0], proof = paths[1], keyring = paths[2]
                try machine.files.replace(keyring, with: Self.keyring(key) ?? [], mode: 0o600)
                try await fetch(url, to: list, on: machine)
                if let signature { try await fetch(signature, to: proof, on: machine) }
                return try await signedText(list, proof, keyring, on: machine)
            }
        }

        private func signedText(
            _ list: FilePath, _ proof: FilePath, _ keyring: FilePath, on machine: Machine
        ) async throws -> String {
            // Of a list that is signed in clear text, what is not signed is not in the output.
            let files = signature == nil ? ["--output", "-", "--", list.string] : ["--", proof.string, list.string]
            let command = Invocation("gpgv", ["--keyring", keyring.string] + files)
            let result = try await machine.run(command)
            guard result.succeeded else {
                var failure = Failure(describing: CommandFailure(command: command, result: result))
                failure.message = "\(url) has no good signature of the declared key"
                failure.advice = "Nothing was installed. Compare the key with the one that the publisher names."
                throw failure
            }
            return signature == nil ? result.text : try machine.files.text(list)
        }

        private func fetch(_ url: String, to file: FilePath, on machine: Machine) async throws {
            try await machine.download(url, to: file, hash: nil, advice: "Look at the last lines.")
        }

        /// The entries of a list: `HASH  NAME`, `HASH *NAME`, or `SHA256 (NAME) = HASH`.
        static func entries(of list: String) -> [(name: String, hash: String)] {
            list.nonEmptyLines.compactMap { line in
                let line = String(line).trimmed
                let name: String
                var hash: String
                if line.hasPrefix("SHA256 ("), let end = line.firstRange(of: ") = ") {
                    name = String(line.dropFirst("SHA256 (".count).prefix(upTo: end.lowerBound))
                    hash = String(line[end.upperBound...])
                } else {
                    let parts = line.split(separator: " ", maxSplits: 1)
                    guard parts.count == 2 else { return nil }
                    hash = String(parts[0])
                    let rest = String(parts[1]).trimmed
                    name = rest.hasPrefix("*") ? String(rest.dropFirst()) : rest
                }
                hash = hash.lowercased()
                guard hash.utf8.count == 64, hash.utf8.allSatisfy(\.isLowercaseHexadecimalDigit) else { return nil }
                return (name.hasPrefix("./") ? String(name.dropFirst(2)) : name, hash)
            }
        }

        /// The keys of armored blocks (RFC 9580, 6.2), as gpgv reads them; nil without any.
        static func keyring(_ armored: String) -> [UInt8]? {
            var keys: [UInt8] = [], block: String?
            var isInHeaders = false
            for line in armored.lines.map({ String($0).trimmed }) {
                if line == "-----BEGIN PGP PUBLIC KEY BLOCK-----" {
                    (block, isInHeaders) = ("", true)
                } else if line == "-----END PGP PUBLIC KEY BLOCK-----" {
                    guard let text = block, !text.isEmpty, let bytes = Base64.decode(text[...]) else {
                        return nil
                    }
                    keys += bytes
                    block = nil
                } else if let text = block {
                    if isInHeaders {
                        // They end with an empty line. A block without headers may lack it.
                        if line.isEmpty {
                            isInHeaders = false
                        } else if line.contains(": ") {
                            continue
                        } else {
                            (block, isInHeaders) = (text + line, false)
                        }
                    } else if !line.hasPrefix("=") {
                        block = text + line
                    }
                }
            }
            return keys.isEmpty || block != nil ? nil : keys
        }
    }
}
