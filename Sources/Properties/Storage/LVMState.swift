/// The groups and volumes of the machine. Two questions answer for all of them.
struct LVMState: MachineFact {
    /// The group of each device; empty for one that is in none.
    private var groups: [String: String] = [:]
    /// The size in bytes of each volume, by “group/name”.
    private var sizes: [String: Int] = [:]

    /// - Throws: ``Undetermined`` if lvm2 is not installed.
    static func read(from machine: Machine) async throws -> LVMState {
        guard try ["/usr/sbin/lvm", "/sbin/lvm"].contains(where: { try machine.files.status(of: FilePath($0)) != nil })
        else { throw Undetermined(until: "lvm2 is installed") }
        var state = LVMState()
        for entry in try await ask("pvs", "pv", "pv_name,vg_name", machine) {
            guard let device = entry["pv_name"]?.string else { continue }
            state.groups[device] = entry["vg_name"]?.string ?? ""
        }
        for entry in try await ask("lvs", "lv", "vg_name,lv_name,lv_size", machine) {
            guard let group = entry["vg_name"]?.string, let name = entry["lv_name"]?.string else { continue }
            state.sizes["\(group)/\(name)"] = entry["lv_size"]?.string.flatMap { Int($0) } ?? 0
        }
        return state
    }

    private static func ask(
        _ program: String, _ key: String, _ columns: String, _ machine: Machine
    ) async throws -> [JSON] {
        let words = ["--reportformat", "json", "--units", "b", "--nosuffix", "--options", columns]
        let answer = try JSON(parsing: try await machine.succeed(Invocation(program, words)).output)
        return (answer["report"]?.array ?? []).flatMap { $0[key]?.array ?? [] }
    }

    func hasGroup(_ name: String) -> Bool { groups.values.contains(name) }

    /// The group of a device; empty if it is in none, nil if it is not prepared for LVM.
    func group(of device: String) -> String? { groups[device] }

    /// The size of a volume in bytes; nil if it does not exist.
    func size(of name: String, in group: String) -> Int? { sizes["\(group)/\(name)"] }
}
