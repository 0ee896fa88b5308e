#pragma once

/* Makes the hashing of Swift the same in every process. To be called before anything is hashed: sets and dictionaries
   that exist already would not find their elements any longer. A program with a shared standard library has called it
   before main. */
void propel_make_hashing_deterministic(void);
