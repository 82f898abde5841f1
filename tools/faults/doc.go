// Package faults holds the tests of the command as a whole when something goes
// wrong: a full disk, kill -9, a reader that goes away, folders that change,
// two writers, files that may not be read, hostile and giant pictures under a
// limit of memory, and a long run. They run the built command, and only when
// they are asked for: see make test-faults and make soak.
package faults
