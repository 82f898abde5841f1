// Package tune teaches the last blocks of a network, with a head, to tell classes
// of pictures: fine-tuning. README.md says how it is used and what it computes.
//
// It imports engine, for the layers that stay as they are, engine/internal/op, to hold the
// result to the float run, engine/learn, for the head that it begins with, and
// engine/tune/float, which runs and differentiates the part that is taught.
package tune
