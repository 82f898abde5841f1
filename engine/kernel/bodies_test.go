package kernel

import "testing"

// bodies returns every body this processor can run.
func bodies() []string { return Bodies() }

// use puts a body in place for the rest of the test.
func use(t testing.TB, name string) { t.Cleanup(Use(name)) }
