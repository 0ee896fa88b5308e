extension Container {
    /// The property that brings its image to the machine.
    var dockerImage: Docker.Image {
        switch origin {
        case .registry: Docker.Image(pulled: image)
        case .directory(let directory): Docker.Image(image, builtFrom: directory)
        case .archive(let archive): Docker.Image(image, loadedFrom: archive)
        }
    }
}
