package learn

import "likeness/engine/model"

// Classifier tells what pictures show by the labels of a model file: those that
// were taught to it, or those of the network's own output.
type Classifier struct {
	Labels []string
	// Place is where the vectors come from, not divided by their length.
	Place
	// Threshold is the score, 0..1, below which a picture is none of the labels.
	Threshold float64

	head   *Head  // that keeps vectors, or nil: vectors are the output's
	values string // what the output's values are, one of the constants
}

// NewClassifier returns nil for a file without labels.
func NewClassifier(f *model.File) *Classifier {
	c := &Classifier{Labels: f.Graph.Labels, Place: Place{f.Graph.Output, "avg"}}
	if f.Head != nil {
		c.Threshold = f.Head.Threshold
	}
	if c.head, _ = FromFile(f); c.head != nil {
		c.Labels, c.Place = c.head.Labels, Place{f.Head.Layer, f.Head.Pool}
		return c
	}
	t, ok := f.Graph.Tensor(f.Graph.Output)
	if f.Graph.Output == "" || !ok || len(c.Labels) == 0 {
		return nil
	}
	c.values = Values(&f.Graph, t)
	return c
}

// Scores gives the score of each label, 0..1, for the vector of a picture.
// Errors are of code CodeDim.
func (c *Classifier) Scores(v []float32) ([]float64, error) {
	if c.head != nil {
		return c.head.Scores(v)
	}
	if len(v) != len(c.Labels) {
		return nil, errorf(CodeDim, "%d values do not go with %d labels", len(v), len(c.Labels))
	}
	scores := make([]float64, len(v))
	for i, x := range v {
		scores[i] = float64(x)
	}
	if c.values == ValuesLogits {
		scores = Probabilities(scores, 1)
	}
	return scores, nil
}
