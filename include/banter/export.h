// Marks what the shared library exports; everything else in it is hidden.
#pragma once

#if defined(__GNUC__)
#define BANTER_API __attribute__((visibility("default")))
#else
#define BANTER_API
#endif
