import Hosts
import Propel

// The program for the machines: the engine, with the roles of this repository in it.
await EnforcerProgram.main(fleet: fleet)
