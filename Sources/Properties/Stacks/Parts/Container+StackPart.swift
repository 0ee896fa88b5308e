extension Container: StackPart {
    public func add(to stack: inout Stack) { stack.containers.append(self) }
}
