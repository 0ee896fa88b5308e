import Testing

@testable import Properties

@Suite struct PullProgressTests {
    @Test func `layers that are downloaded and unpacked make a percentage`() {
        let progress = PullProgress()
        #expect(progress.words(after: "v1: Pulling from library/nginx\n") == nil)
        let ids = ["3c3a4604a545", "8cf53a8cbf86", "08e2de6ebb5a", "5efc7fd18a71"]
        let started = ids.map { "\($0): Pulling fs layer\n" }.joined()
        #expect(progress.words(after: started) == "pulling 4 layers, 0 %")
        #expect(progress.words(after: started + "\(ids[0]): Download complete\n") == "pulling 4 layers, 12 %")
        // Only the end of a long output is there.
        let end = "\(ids[0]): Pull complete\n\(ids[1]): Already exists\n\(ids[2]): Verifying Checksum\n"
        #expect(progress.words(after: end) == "pulling 4 layers, 62 %")
        #expect(
            progress.words(after: ids.map { "\($0): Pull complete\n" }.joined() + "Digest: sha256:12\nStatus: x\n")
                == "pulling 4 layers, 100 %")
    }
}
