/// A restart of the machine in the middle of a run, which goes on after it.
package struct Restart: Sendable, Equatable {
    /// The path of the property that requires it. The run does not restart for the same again.
    package var reason: String
    /// The boot that the restart ends; see ``Boot``.
    package var boot: String

    package init(reason: String, boot: String) {
        self.reason = reason
        self.boot = boot
    }
}

/// The time from one start of the machine to the next.
package enum Boot {
    /// A string that is different for every boot; empty if the machine does not tell.
    ///
    /// The ID of the kernel's boot (proc_sys_kernel(5)), and the time when the first process was started: a container
    /// restarts without its kernel.
    package static func current(on machine: Machine) -> String {
        let kernel = (try? machine.files.text("/proc/sys/kernel/random/boot_id"))?.nonEmptyLines.first
        return [kernel.map(String.init), machine.files.startTime(of: 1)].compactMap(\.self).joined(separator: "+")
    }
}
