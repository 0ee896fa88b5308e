// swift-tools-version: 6.2
import PackageDescription

// The roles of this repository and those of its tests, as a package like that of any user: what `propel init` writes,
// with Propel reached by the link beside this file.

let staticExecutable: [LinkerSetting] = [
    .unsafeFlags([
        "-static-executable", "-use-ld=lld", "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all",
        "-Xlinker", "--no-eh-frame-hdr", "-Xlinker", "-T",
        "-Xlinker", "\(Context.packageDirectory)/Sources/propel-enforce/sections.ld",
    ]),
    .unsafeFlags(["-Xlinker", "-s"], .when(configuration: .release)),
    .linkedLibrary("swiftSynchronization"),
]

/// The libraries of Swift are part of `propel`: loading them would take a third of the time until it begins.
let staticLibraries: [LinkerSetting] =
    [.unsafeFlags(["-static-stdlib", "-use-ld=lld"])]
    + [
        "swiftSynchronization", "FoundationInternationalization", "_FoundationICU", "_FoundationCShims",
        "_FoundationCollections", "CoreFoundation", "stdc++",
    ].map { .linkedLibrary($0) }

let package = Package(
    name: "fleet",
    dependencies: [.package(path: "Propel")],
    targets: [
        .target(
            name: "Hosts",
            dependencies: [
                .product(name: "Propel", package: "Propel"), .product(name: "Properties", package: "Propel"),
            ]),
        .executableTarget(
            name: "propel", dependencies: ["Hosts", .product(name: "PropelCLI", package: "Propel")],
            linkerSettings: staticLibraries),
        .executableTarget(
            name: "propel-enforce", dependencies: ["Hosts", .product(name: "Propel", package: "Propel")],
            exclude: ["sections.ld"], linkerSettings: staticExecutable),
    ],
    swiftLanguageModes: [.v6]
)
