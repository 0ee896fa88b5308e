extension StackContext {
    /// Waits until what is expected of the stack holds.
    /// - Throws: ``DeploymentError`` if something does not in its time.
    func awaitExpectations() async throws {
        for expectation in stack.expectations {
            let reason = try await expectation.reasonNotToHold(on: machine, now: { now }) { reason in
                machine.showProgress("\(expectation.text): \(reason)")
            }
            guard let reason else { continue }
            throw DeploymentError(
                Failure(
                    "expected of \(stack.name): \(expectation.text); \(reason)",
                    advice: "Look at the logs of its containers (`docker logs`)."))
        }
    }
}

extension Expect: StackPart {
    public func add(to stack: inout Stack) { stack.expectations.append(self) }
}
