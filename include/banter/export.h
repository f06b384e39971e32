// Marks what the library exports; everything else is hidden in a shared build.
#pragma once

#if defined(__GNUC__)
#define BANTER_API __attribute__((visibility("default")))
#else
#define BANTER_API
#endif
