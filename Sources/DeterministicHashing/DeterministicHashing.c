/*
 * Makes the hashing of Swift the same in every process.
 *
 * A role is evaluated on the laptop and on the machine, and again in the next run. Swift seeds hashing at random for
 * each process, so a role that goes through a Dictionary or a Set would describe another host each time.
 *
 * The standard library offers an environment variable, which it reads before main. To start the program again with
 * that set would double the time of a short run; to set it in a constructor would move the environment, beside which
 * the standard library looks for the arguments of the program.
 */
#include "DeterministicHashing.h"

#include <stdbool.h>
#include <stdint.h>

/* As in SwiftShims/swift/shims/GlobalObjects.h of the toolchain. */
struct hashing_parameters {
  uint64_t seed0;
  uint64_t seed1;
  bool is_deterministic;
};
extern struct hashing_parameters _swift_stdlib_Hashing_parameters;

void propel_make_hashing_deterministic(void) {
  _swift_stdlib_Hashing_parameters = (struct hashing_parameters){0, 0, true};
}

/* Runs before main, after the constructors of shared libraries. In a static program the standard library chooses its
   seeds later, in a constructor of the same program; its main function calls the function above. */
__attribute__((constructor(101))) static void make_hashing_deterministic_before_main(void) {
  propel_make_hashing_deterministic();
}
