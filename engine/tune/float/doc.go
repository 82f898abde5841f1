// Package float runs the last part of a network in float32, forward and
// backward, so that its weights can be learned. The part is made of a model
// file: its int8 weights times their scales. It imports engine/graph,
// engine/model and engine/kernel.
//
// Results are the same to the last bit on every platform and with any number of
// cores: each sum has one order, which no division of work changes.
package float
