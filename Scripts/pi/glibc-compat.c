/* The static Swift runtime of Debian's swiftlang was compiled against glibc 2.38 or later and gcc 14. This is what it calls of
   them that Debian 12 lacks. Weak: where the library has it, that is taken. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <inttypes.h>
__attribute__((weak)) long __isoc23_strtol(const char *s, char **e, int b) { return strtol(s, e, b); }
__attribute__((weak)) long long __isoc23_strtoll(const char *s, char **e, int b) { return strtoll(s, e, b); }
__attribute__((weak)) unsigned long __isoc23_strtoul(const char *s, char **e, int b) { return strtoul(s, e, b); }
__attribute__((weak)) unsigned long long __isoc23_strtoull(const char *s, char **e, int b) { return strtoull(s, e, b); }
__attribute__((weak)) intmax_t __isoc23_strtoimax(const char *s, char **e, int b) { return strtoimax(s, e, b); }
__attribute__((weak)) uintmax_t __isoc23_strtoumax(const char *s, char **e, int b) { return strtoumax(s, e, b); }
__attribute__((weak)) int __isoc23_sscanf(const char *s, const char *f, ...) { va_list a; va_start(a, f); int r = vsscanf(s, f, a); va_end(a); return r; }
__attribute__((weak)) int __isoc23_fscanf(FILE *s, const char *f, ...) { va_list a; va_start(a, f); int r = vfscanf(s, f, a); va_end(a); return r; }
__attribute__((weak)) size_t strlcpy(char *d, const char *s, size_t n) { size_t l = strlen(s); if (n) { size_t c = l < n - 1 ? l : n - 1; memcpy(d, s, c); d[c] = 0; } return l; }
__attribute__((weak)) size_t strlcat(char *d, const char *s, size_t n) { size_t dl = strnlen(d, n); return dl == n ? n + strlen(s) : dl + strlcpy(d + dl, s, n - dl); }
/* libstdc++ of gcc 10 (Debian 11) lacks std::__throw_bad_array_new_length() */
__attribute__((weak, noreturn)) void _ZSt28__throw_bad_array_new_lengthv(void) { abort(); }
/* libstdc++ of gcc < 12 lacks std::__glibcxx_assert_fail() */
__attribute__((weak, noreturn)) void _ZSt21__glibcxx_assert_failPKciS0_S0_(const char *f, int l, const char *fn, const char *c) { fprintf(stderr, "%s:%d: %s: assertion '%s' failed\n", f, l, fn, c); abort(); }
