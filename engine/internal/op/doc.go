// Package op turns a validated graph into something that runs: it packs
// weights for this machine's kernels, places every tensor in one arena by
// lifetime, builds the offset tables and runs the steps. One operator, one
// file. It imports engine/graph and engine/kernel only.
package op
