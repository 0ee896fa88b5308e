extension Declared {
    fileprivate init(_ original: some Declarable, performing action: some Action) {
        self.init(original) { declaration, _ in declaration.immediateActions.append(action) }
    }
}

extension Declarable {
    /// Returns the same, after which an action is performed if it is pending by then, whatever has requested it.
    package func settling(_ action: some Action) -> Declared<Target> {
        Declared(self) { declaration, _ in declaration.settledActions.append(action) }
    }
}

// The overloads are those of `onChange`; see there.

extension Declarable {
    /// Returns the same, with an action to perform after it has changed the machine and before what is declared next is
    /// applied.
    ///
    ///     File("/etc/docker/daemon.json", "{}").onChangeNow(Service.Restart("docker"))
    ///
    /// On a group the action is performed once, after the last of its members. Like that of `onChange` it is recorded
    /// on the machine before the change, and if the run dies in between, the next one performs it in the same place. An
    /// action of the same name that is pending for another reason is performed with it, and not again at the end. If
    /// it fails, what requires this is skipped.
    public func onChangeNow<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target { Declared(self, performing: action) }

    public func onChangeNow<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family { Declared(self, performing: action) }

    public func onChangeNow<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family.Family { Declared(self, performing: action) }

    public func onChangeNow<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family.Family.Family { Declared(self, performing: action) }

    public func onChangeNow<Triggered: Action>(_ action: Triggered) -> Declared<Target>
    where Triggered.Target == Target.Family.Family.Family.Family { Declared(self, performing: action) }

    public func onChangeNow<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family == Target { Declared(self, performing: action) }

    public func onChangeNow<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family.Family == Target { Declared(self, performing: action) }

    public func onChangeNow<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family.Family.Family == Target { Declared(self, performing: action) }

    public func onChangeNow<Triggered: Action>(_ action: Triggered) -> Declared<Triggered.Target>
    where Triggered.Target.Family.Family.Family.Family == Target { Declared(self, performing: action) }

    @available(*, unavailable, message: "this action is for another operating system than what sets it off")
    public func onChangeNow<Triggered: Action>(_ action: Triggered) -> Declared<Target> {
        Declared(self, performing: action)
    }

    @available(*, unavailable, message: "give an action, such as Service.Restart(…), and not a property")
    public func onChangeNow(_ property: some Declarable) -> Declared<Target> { Declared(self) { _, _ in } }
}
