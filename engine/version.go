package engine

// Version is that of the command, the page and the library alike: the one place
// where it is written. CHANGELOG.md has a section for each.
const Version = "0.1.0"
