#pragma once

namespace demo {

// Makes SIGINT, SIGTERM and SIGHUP set a flag and interrupt system calls, instead of ending the
// process with its children and folders left behind. Once, at the start of the parent.
void catch_interrupts();

// Throws Interrupted if one of them came. Whatever takes long calls it now and then.
void throw_if_interrupted();

}  // namespace demo
