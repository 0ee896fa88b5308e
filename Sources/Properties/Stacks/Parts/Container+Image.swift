extension Container {
    /// The property that brings its image to the machine.
    var dockerImage: Docker.Image {
        switch origin {
        case .registry: Docker.Image(pulled: image, platform: platform)
        case .directory(let directory, let dockerfile, let target, let arguments):
            Docker.Image(image, builtFrom: directory, dockerfile: dockerfile, arguments: arguments, target: target)
        case .archive(let archive): Docker.Image(image, loadedFrom: archive)
        }
    }

    /// How its image is pulled, where it comes from a registry.
    var imagePull: ImagePull { ImagePull(image: image, platform: platform) }

    /// The platform that it asks for; nil for that of the machine.
    var platform: String? { value(of: "platform")?.string }
}
