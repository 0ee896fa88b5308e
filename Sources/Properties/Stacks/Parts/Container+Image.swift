extension Container {
    /// Its image, as it comes to the machine.
    var brought: Docker.Image {
        switch origin {
        case .registry: Docker.Image(pulled: image)
        case .directory(let directory): Docker.Image(image, builtFrom: directory)
        case .archive(let archive): Docker.Image(image, loadedFrom: archive)
        }
    }
}

extension Container: StackPart {
    public func add(to stack: inout Stack) { stack.containers.append(self) }
}
