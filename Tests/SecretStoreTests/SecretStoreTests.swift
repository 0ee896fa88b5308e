import Testing

@testable import SecretStore
