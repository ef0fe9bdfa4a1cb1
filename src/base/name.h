#ifndef BASE_NAME_H
#define BASE_NAME_H

/*
 * What the program is called: sbx, unless the Makefile's PROGRAM says otherwise. Its links, its
 * messages and the directories of its presets go by this name.
 */
#ifndef PROGRAM_NAME
#define PROGRAM_NAME "sbx"
#endif

#endif
