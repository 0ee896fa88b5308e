/*
 * Makes the hashing of Swift the same in every process.
 *
 * A role is evaluated on the laptop and on the machine, and again in the next run. Swift seeds hashing at random for
 * each process, so a role that goes through a Dictionary or a Set would describe another host each time.
 *
 * The standard library offers an environment variable, which it reads before main. To start the program again with
 * that set would double the time of a short run, so this runs before main too.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* As in SwiftShims/swift/shims/GlobalObjects.h of the toolchain. */
struct hashing_parameters {
  uint64_t seed0;
  uint64_t seed1;
  bool is_deterministic;
};
extern struct hashing_parameters _swift_stdlib_Hashing_parameters;

/* Before the constructors of this executable, and after those of shared libraries. Nothing has been hashed yet. */
__attribute__((constructor(101))) static void make_hashing_deterministic(void) {
  if (_swift_stdlib_Hashing_parameters.seed0 != 0 || _swift_stdlib_Hashing_parameters.seed1 != 0) {
    /* A shared standard library has chosen its seeds. */
    _swift_stdlib_Hashing_parameters = (struct hashing_parameters){0, 0, true};
  } else {
    /* A static one chooses them later, in a constructor of this executable. */
    setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1);
  }
}
