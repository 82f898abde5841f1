package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"likeness/engine"
	"likeness/engine/learn"
)

// classifier is a sink that tells the class of each picture.
type classifier struct {
	*learn.Classifier
	take take
	top  int

	all      []verdict
	flags    []flagged
	pictures int
	none     int
}

// newClassifier refuses models that have no labels.
func newClassifier(m *loaded, f *classifyFlags) (*classifier, error) {
	c := &classifier{Classifier: learn.NewClassifier(m.file), top: f.top}
	if c.Classifier == nil {
		return nil, fmt.Errorf("%s has no labels: likeness teach FOLDER -o FILE.safetensors teaches it some", shown(m.path))
	}
	c.take = take{c.Layer, engine.Pool(c.Pool)}
	if f.resize != "" {
		s, err := m.net.NewSession(c.Layer)
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
	scores, err := c.Scores(p.vector)
	if err != nil {
		return err
	}
	c.pictures++
	c.flags = append(c.flags, flags(p.file, p.notes)...)
	if class, score := learn.Best(scores, c.Threshold); class == learn.None {
		c.none++
		c.all = append(c.all, verdict{exactName(p.file), "", score})
		return nil
	}
	for range min(c.top, len(scores)) {
		class, score := learn.Best(scores, -1)
		c.all = append(c.all, verdict{exactName(p.file), c.Labels[class], score})
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
