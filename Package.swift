// swift-tools-version: 6.2
import PackageDescription

/// `propel-enforce` is one static file that needs nothing on the machine that it is copied to. Only its link differs
/// from that of `propel`, so that one build makes both programs. A module that is compiled against the dynamic
/// standard library does not name the part of the static one that is linked here.
let staticExecutable: [LinkerSetting] = [
    .unsafeFlags([
        "-static-executable", "-use-ld=lld", "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all",
        "-Xlinker", "--no-eh-frame-hdr", "-Xlinker", "-T",
        "-Xlinker", "\(Context.packageDirectory)/Sources/Programs/propel-enforce/sections.ld",
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
    name: "propel",
    products: [
        // Not named propel and propel-enforce, as the programs of a user's package are: two products of one name in one
        // build overwrite each other.
        .executable(name: "propel-examples", targets: ["PropelMain"]),
        .executable(name: "propel-examples-enforce", targets: ["EnforceMain"]),
        .library(name: "Propel", targets: ["Propel"]),
        .library(name: "Properties", targets: ["Properties"]),
        .library(name: "PropelCLI", targets: ["PropelCLI"]),
        .library(name: "PropelTesting", targets: ["PropelTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
        // What compose files are read with, on the laptop and in tests.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // What runs on the target: no libssh, no gpgme, no Foundation.
        .systemLibrary(name: "CLinux"),
        .target(name: "Libc"),
        // C, since it runs before main: the order of a Dictionary is the same in every process.
        .target(name: "DeterministicHashing"),
        // Text in files and messages: characters, escaping, quoting, lines.
        .target(name: "PlainText"),
        // The difference between two programs, and the newer one made from it.
        .target(name: "BinaryPatch"),
        // What several modules share: the architecture of a machine, how to become root, the limit of a wait.
        .target(name: "Vocabulary"),
        .target(
            name: "Propel",
            dependencies: [
                "BinaryPatch", "CLinux", "DeterministicHashing", "Libc", "PlainText", "Vocabulary",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(name: "Properties", dependencies: ["Propel", "Libc", "Vocabulary"]),
        // A user's package has a module named Hosts, so this one is named otherwise.
        .target(name: "Examples", dependencies: ["Propel", "Properties"], path: "Sources/Hosts"),
        .executableTarget(
            name: "EnforceMain", dependencies: ["Propel", "Examples"], path: "Sources/Programs/propel-enforce",
            exclude: ["sections.ld"], linkerSettings: staticExecutable),

        // What runs on the laptop.
        .systemLibrary(name: "CSSH", pkgConfig: "libssh", providers: [.apt(["libssh-dev"])]),
        .target(
            name: "SSHTransport",
            dependencies: [
                "BinaryPatch", "CSSH", "PlainText", "Vocabulary",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(
            name: "Sandbox",
            dependencies: [
                "PlainText", "Vocabulary",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .systemLibrary(name: "CGPGME", pkgConfig: "gpgme", providers: [.apt(["libgpgme-dev"])]),
        .target(
            name: "SecretStore",
            dependencies: [
                "CGPGME", "CLinux", "Propel", "Vocabulary",
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        // TOML v1.0.0 with the line and column of every value.
        .target(name: "TOML", dependencies: ["PlainText"]),
        .target(name: "HostsConf", dependencies: ["PlainText", "Propel", "TOML", "Vocabulary"]),
        .target(
            name: "Git",
            dependencies: [
                "PlainText",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),
        .target(
            name: "PropelCLI",
            dependencies: [
                "CLinux", "PlainText", "Propel", "Properties", "Vocabulary", "SSHTransport", "SecretStore", "Sandbox",
                "HostsConf",
                "Git", "Yams",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]),

        .executableTarget(
            name: "PropelMain", dependencies: ["PropelCLI", "Examples"], path: "Sources/Programs/propel",
            linkerSettings: staticLibraries),

        // A machine in memory, for the tests of properties, here and in a repository of one's own; and what tests
        // share.
        .target(name: "PropelTesting", dependencies: ["Propel", "Libc"]),

        .testTarget(name: "PlainTextTests", dependencies: ["PlainText"]),
        .testTarget(name: "VocabularyTests", dependencies: ["Vocabulary"]),
        .testTarget(name: "BinaryPatchTests", dependencies: ["BinaryPatch", "PropelTesting"]),
        .testTarget(name: "StyleTests"),
        // The syncs and renames that tested code makes.
        .target(name: "DiskCalls", dependencies: ["CLinux", "Libc"], path: "Tests/DiskCalls"),
        // What tests do to machines in memory, compared with the records in Tests/Records.
        .target(
            name: "RecordedOperations", dependencies: ["Propel", "PropelTesting"], path: "Tests/RecordedOperations"),
        .testTarget(
            name: "PropelTests",
            dependencies: ["BinaryPatch", "DiskCalls", "Propel", "PropelTesting", "RecordedOperations"],
            exclude: ["CompileErrors"]),
        .testTarget(
            name: "PropertiesTests", dependencies: ["Properties", "PropelTesting", "RecordedOperations", "Yams"]),
        .testTarget(
            name: "SSHTransportTests", dependencies: ["SSHTransport", "PlainText", "Vocabulary", "PropelTesting"]),
        .testTarget(
            name: "SecretStoreTests",
            dependencies: [
                "DiskCalls", "SecretStore", "Propel", "PropelTesting",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .testTarget(name: "SandboxTests", dependencies: ["PlainText", "Sandbox", "Vocabulary"]),
        .testTarget(name: "TOMLTests", dependencies: ["TOML", "PropelTesting"]),
        .testTarget(name: "HostsConfTests", dependencies: ["HostsConf", "TOML", "PropelTesting", "Vocabulary"]),
        .testTarget(name: "GitTests", dependencies: ["Git", "PlainText", "PropelTesting"]),
        .testTarget(
            name: "PropelCLITests",
            dependencies: [
                "DiskCalls", "PropelCLI", "Examples", "Properties", "Propel", "PropelTesting", "Vocabulary", "Yams",
            ],
            exclude: ["ComposeImport/Fixtures"]),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "HostsConf", "Sandbox", "Propel", "PropelTesting",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: [
                "Stacks/make-root", "Stacks/build", "Stacks/build-trial", "Stacks/compose-spec.json",
                "Versions/build-versions", "catalogue_host.py",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// For `Scripts/test-options`: the modules of this package without optimization.
if Context.environment["PROPEL_TEST_BUILD"] != nil {
    for target in package.targets where target.type != .system {
        target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-enable-testing", "-Onone"])]
    }
}
