@main struct Controller { static func main() {} }
