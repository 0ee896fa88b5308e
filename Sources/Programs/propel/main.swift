import Examples
import PropelCLI

// The program for the laptop: the commands, with the roles of this repository.
await PropelCLI.main(fleet: fleet)
