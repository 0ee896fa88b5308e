import Foundation
import Testing

@testable import PropelCLI

extension FaithfulImportTests {
    @Test(arguments: ["{external: {name: NAME}}", "{external: true, name: NAME}", "{name: NAME}"])
    func `a name in docker counts wherever the file has it`(_ form: String) throws {
        let (swift, omissions) = try Importing.project(
            """
            services:
              app: {image: a, networks: [proxy], volumes: ["data:/data"]}
              old: {image: b, network_mode: web}
            networks: {proxy: \(form.replacingOccurrences(of: "NAME", with: "web"))}
            volumes: {data: \(form.replacingOccurrences(of: "NAME", with: "old_data"))}
            """)
        #expect(omissions == [])
        let lines = [#"Network(named: "web", as: "proxy")"#, #"Volume(named: "old_data", at: "/data")"#]
        for line in lines { #expect(swift.contains(line), "\(line)\n\(swift)") }
        #expect(swift.components(separatedBy: #"JoinsNetwork("proxy")"#).count == 3, "\(swift)")
    }

    /// The project goes on with its data.
    @Test func `a volume whose name no stack takes keeps that in docker`() throws {
        #expect(
            try Importing.parts("volumes: [\"vhost.d:/a\", \"App_Data:/b\", \"plain_x:/c\"]") == [
                #"Volume(named: "shop_vhost.d", as: "vhost-d", at: "/a")"#,
                #"Volume(named: "shop_App_Data", as: "app_data", at: "/b")"#, #"Volume("plain_x", at: "/c")"#,
            ])
    }
}
