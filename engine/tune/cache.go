package tune

import "likeness/engine/learn"

// Cache keeps what the frozen layers have made of each picture: integers of the
// layer that training begins after, [H*W*C], for each view.
type Cache interface {
	// Put keeps a copy of values. Pictures come in their order, from 0 on.
	Put(picture, view int, values []int16) error
	// Get writes what Put was given into values, of the same length.
	Get(values []int16, picture, view int) error
}

// Memory is a Cache in memory: two bytes a value.
type Memory struct {
	views, each int
	values      [][]int16 // by picture, [views][each]
}

// NewMemory makes a Cache for layers of each values.
func NewMemory(views, each int) *Memory { return &Memory{views: views, each: each} }

// Put is that of Cache.
func (m *Memory) Put(picture, view int, values []int16) error {
	if len(values) != m.each || view < 0 || view >= m.views || picture < 0 {
		return errorf(CodeData, "%d values for view %d of picture %d: the cache keeps %d views of %d values", len(values), view, picture, m.views, m.each)
	}
	for len(m.values) <= picture {
		m.values = append(m.values, make([]int16, m.views*m.each))
	}
	copy(m.values[picture][view*m.each:], values)
	return nil
}

// Get is that of Cache.
func (m *Memory) Get(values []int16, picture, view int) error {
	if picture < 0 || picture >= len(m.values) || view < 0 || view >= m.views || len(values) != m.each {
		return errorf(CodeData, "the cache has no view %d of picture %d of %d values", view, picture, len(values))
	}
	copy(values, m.values[picture][view*m.each:])
	return nil
}

// Data is what is learned from.
type Data struct {
	Cache  Cache
	Views  int      // of each picture; view 0 is the picture itself
	Class  []int    // [n], each 0..len(Labels)-1
	Labels []string // at least two, all different
}

// Sort puts classes and pictures in the order that learn.Data.Sort has, so that
// what is learned does not depend on the order in which they came. It returns
// where each picture was before.
func (d *Data) Sort(names []string) []int {
	probe := &learn.Data{Dim: 1, Vectors: make([]float32, len(d.Class)), Class: d.Class, Labels: d.Labels}
	which := probe.Sort(names)
	d.Class, d.Labels, d.Cache = probe.Class, probe.Labels, reordered{d.Cache, which}
	return which
}

// reordered gives the pictures of a cache in another order.
type reordered struct {
	Cache
	which []int
}

// Get is that of Cache.
func (r reordered) Get(values []int16, picture, view int) error {
	if picture < 0 || picture >= len(r.which) {
		return errorf(CodeData, "picture %d of %d", picture, len(r.which))
	}
	return r.Cache.Get(values, r.which[picture], view)
}
