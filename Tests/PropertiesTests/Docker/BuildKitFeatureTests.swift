import Testing

@testable import Properties

/// What of a Dockerfile needs BuildKit.
@Suite struct BuildKitFeatureTests {
    private func feature(_ text: String, _ arguments: Set<String> = []) -> BuildKitFeature? {
        BuildKitFeature(in: Array(text.utf8), arguments: arguments)
    }

    @Test(arguments: [
        ("FROM a\nRUN --mount=type=cache,target=/c make\n", 2, "RUN --mount"),
        ("from a\nrun --network=none make\n", 2, "RUN --network"),
        ("FROM a\nCOPY --from=b --chmod=755 x /x\n", 2, "COPY --chmod"),
        ("FROM a\nCOPY --link x /x\n", 2, "COPY --link"),
        ("FROM a\nADD --checksum=sha256:1 u /x\n", 2, "ADD --checksum"),
        ("FROM a\nONBUILD RUN --mount=type=cache,target=/c make\n", 2, "RUN --mount"),
        // A here-document; what it contains is no instruction.
        ("FROM a\nRUN <<EOF\nARG TARGETARCH\nEOF\n", 2, "a here-document in RUN"),
        ("FROM a\nRUN python3 <<-'end' > /x\nprint()\nend\n", 2, "a here-document in RUN"),
        ("FROM a\nCOPY <<\"EOF\" /x\nEOF\n", 2, "a here-document in COPY"),
        ("FROM a\nRUN 3<<EOF cat /dev/fd/3\nEOF\n", 2, "a here-document in RUN"),
        // Over several lines.
        ("\n# x\nFROM a\n\nRUN \\\n  # why\n\n  --mount=type=tmpfs,target=/t \\\n  make\n", 5, "RUN --mount"),
        ("# escape=`\nFROM a\nRUN `\n--mount=type=tmpfs,target=/t make", 3, "RUN --mount"),
        ("FROM a\r\nRUN --mount=type=tmpfs,target=/t \\\r\n make\r\n", 2, "RUN --mount"),
        // Another syntax.
        ("# syntax=docker/dockerfile:1-labs\nFROM a\n", 1, "the syntax docker/dockerfile:1-labs"),
        ("\u{FEFF}#syntax = ghcr.io/x/y:2\nFROM a\n", 1, "the syntax ghcr.io/x/y:2"),
        ("FROM --platform=$BUILDPLATFORM a\n", 1, "FROM with $BUILDPLATFORM"),
        ("FROM a AS a\nARG X\nFROM b-${TARGETARCH}\n", 3, "FROM with $TARGETARCH"),
    ])
    func `it is named with its line`(_ dockerfile: String, _ line: Int, _ words: String) {
        let found = feature(dockerfile)
        #expect(found?.line == line && found?.words == words && found?.isRequired == true, "\(dockerfile)")
    }

    @Test(arguments: [
        "", "FROM a\nRUN make --mount=x\nCOPY --from=b --chown=1:1 x /x\nADD --chown=1:1 y /y\n",
        "FROM --platform=linux/amd64 a\nHEALTHCHECK --interval=5s CMD true\n",
        // The stable syntax without its parts.
        "# syntax=docker/dockerfile:1\nFROM a\n", "# syntax=docker/dockerfile:1.7\n# check=skip=all\nFROM a\n",
        "# syntax=docker/dockerfile:1@sha256:0123\nFROM a\n", "# syntax=docker/dockerfile@sha256:0123\nFROM a\n",
        // Directives stand at the top.
        "FROM a\n# syntax=x/y\n", "# a comment\n# syntax=x/y\nFROM a\n", "# a = b\n# syntax=x/y\nFROM a\n",
        "FROM a\n# RUN --mount=x\nRUN make \\\n# RUN --mount=x\n  all\n",
        "FROM a\nRUN cat <<< word\nRUN echo $((1<<2)) $((1 << 2))\nRUN bash -c 'cat <<EOF > /x'\n",
        "FROM a\nRUN sh -c \"cat <<EOF\"\nRUN echo \\\" it\\'s\nCMD cat <<EOF\n",
        "ARG TARGETARCH=arm64\nFROM a-$TARGETARCH\n", "FROM a\nARG TARGET\nRUN echo $TARGETARCH\n",
    ])
    func `the classic builder builds the same`(_ dockerfile: String) { #expect(feature(dockerfile) == nil) }

    @Test func `an argument that BuildKit sets is better than none`() {
        let found = feature("FROM a\nARG TARGETARCH\nRUN make\n")
        #expect(found?.words == "ARG TARGETARCH" && found?.line == 2 && found?.isRequired == false)
        #expect(feature("FROM a\nARG TARGETARCH\n", ["TARGETARCH"]) == nil)
        #expect(feature("FROM a-$TARGETARCH\n", ["TARGETARCH"]) == nil)
        // What fails comes before what differs.
        #expect(feature("FROM a\nARG TARGETARCH\nRUN --mount=x make\n")?.words == "RUN --mount")
    }
}
