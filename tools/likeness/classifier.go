package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"likeness/engine"
	"likeness/engine/graph"
	"likeness/engine/learn"
)

// classifier is a sink that tells the class of each picture.
type classifier struct {
	take      take
	labels    []string
	threshold float64
	top       int
	head      *learn.Head // that keeps vectors, or nil: vectors are the output's
	logits    bool        // the output's values are no probabilities yet

	all      []verdict
	flags    []flagged
	pictures int
	none     int
}

// newClassifier refuses models that have no labels.
func newClassifier(m *loaded, f *classifyFlags) (*classifier, error) {
	c := &classifier{labels: m.net.Labels(), top: f.top}
	if m.file.Head != nil {
		c.threshold = m.file.Head.Threshold
	}
	if head, place := learn.FromFile(m.file); head != nil {
		c.head, c.labels, c.take = head, head.Labels, take{place.Layer, engine.Pool(place.Pool)}
		return c, nil
	}
	if m.net.Output() == "" || len(c.labels) == 0 {
		return nil, fmt.Errorf("%s has no labels: likeness teach FOLDER -o FILE.safetensors teaches it some", shown(m.path))
	}
	c.take = take{m.net.Output(), engine.PoolAvg}
	g := &m.file.Graph
	t, _ := g.Tensor(m.net.Output())
	for i := range g.Nodes {
		if g.Nodes[i].Output == t {
			c.logits = g.Nodes[i].Op != graph.Softmax
		}
	}
	if f.resize != "" {
		s, err := m.net.NewSession(c.take.layer)
		if err != nil {
			return nil, err
		}
		if err := s.Resize(f.resize); err != nil {
			return nil, usagef("--resize: %v", err)
		}
	}
	return c, nil
}

func (c *classifier) add(p *embedded) error {
	var scores []float64
	if c.head != nil {
		var err error
		if scores, err = c.head.Scores(p.vector); err != nil {
			return err
		}
	} else {
		for _, v := range p.vector {
			scores = append(scores, float64(v))
		}
		if c.logits {
			scores = learn.Probabilities(scores, 1)
		}
	}
	if len(scores) != len(c.labels) {
		return errors.New("the model's output has another number of values than labels")
	}
	c.pictures++
	c.flags = append(c.flags, flags(p.file, p.notes)...)
	if class, score := learn.Best(scores, c.threshold); class == learn.None {
		c.none++
		c.all = append(c.all, verdict{exactName(p.file), "", score})
		return nil
	}
	for range min(c.top, len(scores)) {
		class, score := learn.Best(scores, -1)
		c.all = append(c.all, verdict{exactName(p.file), c.labels[class], score})
		scores[class] = -2 // told
	}
	return nil
}

const toldHeading = "name,label,score\r\n"

// isTold recognises what classify writes.
func isTold(head []byte) bool {
	return bytes.HasPrefix(head, []byte(toldHeading)) || bytes.HasPrefix(head, []byte(`{"name":`)) && bytes.Contains(head, []byte(`,"label":`))
}

// toldTable is a line for each label: csv with a heading, or JSON.
func toldTable(all []verdict, format string) []byte {
	var b []byte
	if format == "csv" {
		b = []byte(toldHeading)
	}
	for _, t := range all {
		if format == "jsonl" {
			line, err := json.Marshal(t)
			if err != nil {
				panic(err) // a name, a label and a number
			}
			b = append(append(b, line...), '\n')
			continue
		}
		b = append(appendField(b, string(t.Name)), ',')
		b = append(appendField(b, t.Label), ',')
		b = append(strconv.AppendFloat(b, t.Score, 'f', 4, 64), '\r', '\n')
	}
	return b
}
