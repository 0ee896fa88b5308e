import Testing

@testable import Properties

/// The names of images.
@Suite struct StoredImageTests {
    @Test(arguments: [
        ("localhost:5000/app", "localhost:5000/app"), ("localhost:5000/app:1", "localhost:5000/app"),
        ("app@sha256:0", "app"), ("ghcr.io/team/app:1@sha256:0", "ghcr.io/team/app"), ("app", "app"),
    ])
    func `the repository of a name`(_ name: String, _ repository: String) {
        #expect(StoredImage.repository(of: name) == repository)
    }
}
