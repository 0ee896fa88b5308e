/// Words that are out, and what to write instead. Together they read like a style guide: they were all in this project
/// once.
enum Words {
    struct Rule: Sendable {
        /// A regular expression, matched without regard to case.
        let pattern: String
        let instead: String
    }

    static let rules = [
        // Filler that hides who does what.
        Rule(pattern: #"\banew\b"#, instead: "“again”, or the verb alone: recreate, rebuild, re-encrypt"),
        Rule(pattern: #"\b(?!there\b)[\w’']+ (is|are|be) none\b"#, instead: "“there is no …”, “is not a …”"),
        Rule(pattern: #"\bso many\b"#, instead: "the number: “`size` bytes”, “at most 8 at a time”"),
        Rule(pattern: #"\bwho(so)?ever\b"#, instead: "the person: the user, the deployer, the caller"),
        Rule(pattern: #"\bwhom\b"#, instead: "a sentence with the person as its subject"),
        Rule(pattern: #"\bmeanwhile\b"#, instead: "“at the same time”, “during the run”, or nothing"),
        Rule(pattern: #"\bof (its|their|his|one's) own\b"#, instead: "“its own …”, “separate”, “a dedicated …”"),
        Rule(pattern: #"\b(is|are|was|were) to be\b"#, instead: "“should be”, “must be”, “will be”"),
        Rule(pattern: #"\bis not well\b"#, instead: "“is unhealthy”, “failed its health check”"),
        Rule(pattern: #"\bcomes? along\b"#, instead: "“is included”"),
        Rule(pattern: #"\bany more\b"#, instead: "“no longer”"),
        Rule(pattern: #"\bfor ever\b"#, instead: "“forever”, “without a limit”"),
        Rule(pattern: #"\ball the same\b"#, instead: "“anyway”, “nevertheless”, or nothing"),
        Rule(pattern: #"\bothers['’](?!\w)"#, instead: "the owner: “another user's files”"),
        // The field has a word for it.
        Rule(pattern: #"\bsmall letters?\b"#, instead: "lowercase"),
        Rule(pattern: #"\blower case\b"#, instead: "lowercase"),
        Rule(pattern: #"\bline end\b|\bline ends\b(?! in)"#, instead: "newline, line ending"),
        Rule(pattern: #"\bzero bytes?\b"#, instead: "NUL"),
        Rule(pattern: #"\bwhite space\b"#, instead: "whitespace"),
        Rule(pattern: #"\bcircles?\b"#, instead: "cycle"),
        Rule(pattern: #"\bway ?back\b"#, instead: "rollback"),
        Rule(pattern: #"\btroubles?\b"#, instead: "error, failure, problem"),
        Rule(pattern: #"\bpatience\b"#, instead: "timeout"),
        Rule(pattern: #"\bmistakes?\b"#, instead: "problem"),
        Rule(pattern: #"\bcontradict"#, instead: "conflict"),
        Rule(pattern: #"\ba text\b(?! file)"#, instead: "string, content"),
        Rule(pattern: #"\bin version [46] of the protocol\b"#, instead: "IPv4, IPv6"),
        Rule(pattern: #"\bgave way\b|\bgives? way\b"#, instead: "was rolled back, is replaced"),
        Rule(pattern: #"\bcourier\b"#, instead: "transport, connection"),
    ]

    /// A doc comment begins with a noun phrase, a verb in the third person, or “Whether”.
    static let docCommentOpenings = ["What ", "Those ", "That ", "Who "]
}
