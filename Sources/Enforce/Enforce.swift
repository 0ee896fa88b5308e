@main struct Enforce { static func main() {} }
