#pragma once

// Clang's thread-safety analysis (https://clang.llvm.org/docs/ThreadSafetyAnalysis.html): which lock
// guards which member, checked by the `clang` preset and nothing for other compilers.
#if defined(__clang__)
#define DC_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define DC_THREAD_ANNOTATION(x)
#endif

#define CAPABILITY(x) DC_THREAD_ANNOTATION(capability(x))
#define SCOPED_CAPABILITY DC_THREAD_ANNOTATION(scoped_lockable)
#define GUARDED_BY(x) DC_THREAD_ANNOTATION(guarded_by(x))
#define REQUIRES(...) DC_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) DC_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RELEASE(...) DC_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define EXCLUDES(...) DC_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS DC_THREAD_ANNOTATION(no_thread_safety_analysis)
