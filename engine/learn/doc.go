// Package learn teaches heads: what tells, of a vector, which of several
// classes its picture belongs to. Heads are learned from vectors with their
// classes, in seconds, and become part of a model file:
//
//	data := &learn.Data{Vectors: v, Dim: 320, Class: classes, Labels: labels}
//	report, err := learn.CrossValidate(ctx, data, options, 5)
//	head, _, err := learn.Train(ctx, data, options)
//	report.Apply(head, 0.05)
//	file, err := learn.Attach(base, head, learn.Place{Layer: "features", Pool: "avg"})
//
// A head is the k nearest neighbours, softmax regression or a dense network.
// The same data and options give the same bits on every platform, on any number
// of cores: all is made of sums, products, quotients and square roots in a
// fixed order.
package learn
