import ArgumentParser
import Propel

struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the properties of a host, where each is declared, and what it needs. Touches no machine.")

    @Argument(help: "The host, by its name in hosts.conf.")
    var host: String

    func run() async throws {
        try await reportingProblems {
            let checkout = try await Checkout.open()
            let target = try checkout.targets([host])[0]
            let terminal = Terminal.output
            let tag = target.machine.entry.tag.map { ", tag \($0)" } ?? ""
            terminal.print(
                terminal.styled(target.name, .bold)
                    + "  role \(target.machine.entry.role)\(tag), runs \(target.host.platform)")
            PropertyTree(terminal: terminal).print(target.host.declarations)
            let ports = target.host.steps.flatMap { step in step.property.ports.map { "\($0) (\(step.path))" } }
            let store = checkout.secretStore
            let secrets = try target.host.secrets.map { name in
                let stored = try store.secret(name, host: target.name, role: target.machine.entry.role)
                return "\(name) (\(stored.map { "for \($0.context)" } ?? "missing"))"
            }
            terminal.print("secrets: " + (secrets.isEmpty ? "none" : secrets.joined(separator: ", ")))
            terminal.print("ports: " + (ports.isEmpty ? "none" : ports.joined(separator: ", ")))
        }
    }
}

/// Draws the declarations of a host.
struct PropertyTree {
    let terminal: Terminal

    func print(_ declarations: [Declaration], indentation: String = "  ") {
        for declaration in declarations {
            // Inside the catalogue nobody has to look.
            let place = declaration.place.isInCatalogue ? "" : terminal.styled("  \(declaration.place)", .faint)
            terminal.print("\(indentation)\(declaration.name.printable)\(place)")
            for action in declaration.actions {
                terminal.print("\(indentation)  " + terminal.styled("on change: \(action.name.printable)", .cyan))
            }
            if !declaration.requirements.isEmpty {
                terminal.print("\(indentation)  " + terminal.styled("requires", .cyan))
                print(declaration.requirements, indentation: indentation + "    ")
            }
            if case .group(let members) = declaration.content { print(members, indentation: indentation + "  ") }
        }
    }
}
