import Testing

@testable import Properties

@Suite struct EnvironmentFileTests {
    private func variables(_ text: String, and more: [any ContainerPart] = []) -> [String] {
        Container("a", image: "i") {
            more
            EnvironmentFile(text)
        }.environment.map { "\($0.name)=\(String(decoding: $0.value.bytes ?? [], as: UTF8.self))" }
    }

    private func problems(_ text: String) -> [String] {
        Stack("s") { Container("a", image: "i") { EnvironmentFile(text) } }.problems.map {
            $0.replacing("the stack s: the container a has a problem: EnvironmentFile: ", with: "")
        }
    }

    @Test func `lines are read as compose reads them`() {
        #expect(
            variables(
                """
                # a comment

                PLAIN=a b  # and a comment
                EMPTY=
                export URL=http://x/#top
                 SINGLE = 'it $HOME "is" \\n'
                DOUBLE="a\\tb \\"c\\" \\$HOME #"  # comment
                xpack.security.enabled=true\r
                PRICE=5$
                """) == [
                    "PLAIN=a b", "EMPTY=", "URL=http://x/#top", "SINGLE=it $HOME \"is\" \\n",
                    "DOUBLE=a\tb \"c\" $HOME #",
                    "xpack.security.enabled=true", "PRICE=5$",
                ])
    }

    @Test func `an Environment outranks a file, and a later file an earlier one`() {
        #expect(
            variables("A=1\nB=1", and: [Environment("A", "2"), EnvironmentFile("B=0\nC=0")]) == ["B=1", "C=0", "A=2"])
    }

    @Test func `what cannot be read is a problem with its line`() {
        #expect(
            problems("A=1\nB") == [
                "line 2 “B” has no value: compose would take one from its environment; write it"
            ])
        #expect(problems("A B=1") == ["line 1 has the invalid name “A B”: use letters, digits, “_”, “.” and “-”"])
        #expect(problems("A='b") == ["line 1 has a ' without another one"])
        #expect(problems("A='b' c") == ["line 1 has “c” after the value in quotes"])
        #expect(
            problems("A=${B}/c") == [
                "line 1 has “${B}/c”, in which compose would replace a variable: write its value, or single quotes "
                    + "around it"
            ])
    }

    @Test(arguments: ["ES_JAVA_OPTS", "discovery.type", "node-name", "_x"]) func `a name is accepted`(_ name: String) {
        #expect(Stack("s") { Container("a", image: "i") { Environment(name, "1") } }.problems.isEmpty)
    }
}
