package model

import "fmt"

// maxText bounds the license, the source and the like, in bytes.
const maxText = 64 << 10

// Validate checks everything that a runner relies on: the graph, that each
// operator's parameters are there, fit it and keep every accumulator within
// int32, and that no two operators share theirs. Read, Write and engine.New
// call it.
func (f *File) Validate() error {
	if err := f.Graph.Validate(); err != nil {
		return &Error{"invalid graph", err}
	}
	return f.validateParams()
}

// validateParams is Validate for a graph that has passed.
func (f *File) validateParams() error {
	for _, t := range []struct{ what, text string }{{"license", f.License}, {"source", f.Source}, {"source_sha256", f.SourceSHA256}, {"converter", f.Converter}} {
		if len(t.text) > maxText {
			return fail("the %s has %d bytes; at most %d are allowed", t.what, len(t.text), maxText)
		}
	}
	if err := f.Head.validate(&f.Graph); err != nil {
		return err
	}
	owner := make(map[string]string, len(f.Params))
	for i := range f.Graph.Nodes {
		n := &f.Graph.Nodes[i]
		if n.Weights == "" {
			continue
		}
		if other, ok := owner[n.Weights]; ok {
			return fail("two operators, %q and %q, share the weights %q", other, n.Name, n.Weights)
		}
		owner[n.Weights] = n.Name
		p, ok := f.Params[n.Weights]
		if !ok {
			return fail("no parameters named %q", n.Weights)
		}
		if err := f.Graph.CheckParams(n, &p); err != nil {
			return &Error{fmt.Sprintf("invalid weights of %q", n.Name), err}
		}
	}
	return nil
}
