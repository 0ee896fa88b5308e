// A file that declares properties also needs the model: Host, Role, FilePath; and the names of architectures.
@_exported import Propel
@_exported import enum Vocabulary.Architecture
