#pragma once

/* Nothing to call: a program that links this module hashes deterministically. See DeterministicHashing.c. */
