/// Keys of former formats, as what stands for them now.
extension ComposeProject {
    /// A service with `network_mode` in place of `net`.
    static func modern(_ service: ComposeValue) -> ComposeValue {
        guard let mode = service["net"], service["network_mode"] == nil else { return service }
        return service.without("net").setting("network_mode", to: mode)
    }

    /// Gives each service with `volumes_from` the mounts of the others that it names. What has the image of the other
    /// one alone is not known here.
    func withMounts(ofOthersIn service: Service, among services: [Service]) -> (Service, omissions: [String]) {
        guard let others = service.value["volumes_from"]?.strings else { return (service, []) }
        var service = service, mounts = service.value["volumes"]?.list ?? [], omissions: [String] = []
        for text in others {
            let parts = text.split(separator: ":").map(String.init)
            guard let other = services.first(where: { $0.name == parts.first }), parts.first != "container" else {
                omissions.append("\(service.name): volumes_from: \(text)")
                continue
            }
            let theirs = other.value["volumes"]?.list ?? []
            if theirs.isEmpty {
                omissions.append("\(service.name): volumes_from: \(text): the volumes of its image are not known here")
            }
            let targets = mounts.compactMap { ComposeImport.mount($0)?.target }
            mounts += theirs.filter { !targets.contains(ComposeImport.mount($0)?.target ?? "") }.map {
                Self.shared($0, of: other.name, isReadOnly: parts.last == "ro" && parts.count > 1)
            }
        }
        service.value = service.value.without("volumes_from").setting("volumes", to: .list(mounts))
        return (service, omissions)
    }

    /// A mount of another service: one without a name gets that which it has there.
    private static func shared(_ mount: ComposeValue, of owner: String, isReadOnly: Bool) -> ComposeValue {
        guard let parsed = ComposeImport.mount(mount) else { return mount }
        let name = ComposeImport.anonymousName(of: owner, at: parsed.target)
        func text(_ text: ComposeText) -> ComposeValue { .text(text) }
        var value: ComposeValue = .map([
            .init(key: "type", value: text(ComposeText(parsed.type))),
            .init(key: "source", value: text(parsed.source ?? ComposeText(name))),
            .init(key: "target", value: text(ComposeText(parsed.target))),
        ])
        if isReadOnly || parsed.isReadOnly { value = value.setting("read_only", to: text(ComposeText("true"))) }
        return value
    }
}
