package onnx

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"likeness/tools/convert/nd"
)

// function is an operator that the file itself defines, as a graph of others.
type function struct {
	name, domain    string
	inputs, outputs []string
	defaults        map[string]nd.Attr
	nodes           []nd.Node
	refs            []map[string]string // by node: its attributes that are the function's
}

// maxCalls bounds functions that call functions.
const maxCalls = 16

// readFunctions reads the FunctionProtos.
func (r *reader) readFunctions(list [][]byte) error {
	r.functions = map[string]*function{}
	for _, b := range list {
		fn := &function{defaults: map[string]nd.Attr{}}
		if err := message(b, func(f field) error { return r.functionField(fn, f) }); err != nil {
			return fmt.Errorf("function %q: %w", fn.name, err)
		}
		if ownDomain(fn.domain) {
			fn.domain = ""
		}
		r.functions[fn.domain+"."+fn.name] = fn
	}
	return nil
}

func (r *reader) functionField(fn *function, f field) error {
	if err := r.part(1); err != nil {
		return err
	}
	var s string
	switch f.id {
	case 1:
		return f.text(&fn.name)
	case 4:
		err := f.text(&s)
		fn.inputs = append(fn.inputs, s)
		return err
	case 5:
		err := f.text(&s)
		fn.outputs = append(fn.outputs, s)
		return err
	case 7:
		n, refs, err := r.node(f)
		fn.nodes, fn.refs = append(fn.nodes, n), append(fn.refs, refs)
		return err
	case 10:
		return f.text(&fn.domain)
	case 11: // attributes with a default
		if err := f.want(protowire.BytesType); err != nil {
			return err
		}
		name, _, a, err := r.attribute(f.bytes)
		fn.defaults[name] = a
		return err
	}
	return nil
}

// inline appends a node, or, where it calls a function of the file, the nodes
// that this stands for.
func (r *reader) inline(nodes []nd.Node, n nd.Node, depth int) ([]nd.Node, error) {
	if len(nodes) >= nd.MaxNodes {
		return nil, fmt.Errorf("the graph has more than %d nodes: this is no network of pictures", nd.MaxNodes)
	}
	fn := r.functions[n.Domain+"."+n.Op]
	if fn == nil || n.Fault != nil {
		return append(nodes, n), nil
	}
	if depth > maxCalls {
		return nil, fmt.Errorf("%s: functions call functions, more than %d deep: export the network again", n.Title(), maxCalls)
	}
	prefix := n.Name
	if prefix == "" && len(n.Outputs) > 0 {
		prefix = n.Outputs[0]
	}
	called := map[string]string{"": ""} // values of the function as the graph has them
	for i, name := range fn.inputs {
		if called[name] = ""; i < len(n.Inputs) {
			called[name] = n.Inputs[i]
		}
	}
	for i, name := range fn.outputs {
		if i < len(n.Outputs) && n.Outputs[i] != "" {
			called[name] = n.Outputs[i]
		}
	}
	rename := func(names []string) []string {
		out := make([]string, len(names))
		for i, name := range names {
			v, ok := called[name]
			if !ok {
				v = prefix + "/" + name
			}
			out[i] = v
		}
		return out
	}
	var err error
	for i := range fn.nodes {
		if err := r.part(1 + len(fn.nodes[i].Inputs)); err != nil {
			return nil, err
		}
		if nodes, err = r.inline(nodes, fn.body(i, &n, prefix, rename), depth+1); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

// body is node i of the function as the call n has it.
func (fn *function) body(i int, n *nd.Node, prefix string, rename func([]string) []string) nd.Node {
	m := fn.nodes[i]
	m.Inputs, m.Outputs, m.Attrs = rename(m.Inputs), rename(m.Outputs), maps.Clone(m.Attrs)
	if m.Name = prefix + "/" + cmp.Or(m.Name, m.Op); len(n.Outputs) > 0 && slices.Contains(m.Outputs, n.Outputs[0]) && n.Name != "" {
		m.Name = n.Name // who makes the function's result answers to the call's name
	}
	for name, ref := range fn.refs[i] {
		a, ok := n.Attrs[ref]
		if !ok {
			a, ok = fn.defaults[ref]
		}
		if ok {
			m.Attrs[name] = a
		}
	}
	for name, a := range m.Attrs {
		if a.Graph != nil {
			m.Fault = cmp.Or(m.Fault, fmt.Errorf("%s: attribute %q holds a graph within a function, and control flow there is not supported", m.Title(), name))
		}
	}
	return m
}

// branches makes what the branches of an If read inputs of the node, behind its
// condition, so that it is made before. Other control flow is a fault.
func (r *reader) branches(n *nd.Node) {
	for _, name := range slices.Sorted(maps.Keys(n.Attrs)) {
		g := n.Attrs[name].Graph
		if g == nil {
			continue
		}
		if n.Op != "If" || n.Domain != "" {
			n.Fault = cmp.Or(n.Fault, fmt.Errorf("%s: attribute %q: holds a graph (of Loop or Scan), and control flow is not supported", n.Title(), name))
			continue
		}
		made := map[string]bool{"": true}
		for c := range g.Const {
			made[c] = true
		}
		read := func(names ...string) {
			for _, name := range names {
				if !made[name] && !slices.Contains(n.Inputs, name) {
					n.Inputs = append(n.Inputs, name)
				}
			}
		}
		for _, m := range g.Nodes {
			read(m.Inputs...)
			for _, out := range m.Outputs {
				made[out] = true
			}
		}
		for _, v := range g.Outputs {
			read(v.Name)
		}
	}
}
