package learn

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"likeness/engine/natural"
	"likeness/engine/printable"
)

// leastOfClass is how many pictures a class must have: one to learn from and
// one to test with.
const leastOfClass = 2

// Data is what heads are learned from: vectors of Dim values each, one after
// the other, and the class of each, an index into Labels.
type Data struct {
	Vectors []float32 // [n][Dim], as the network gives them; need not be of length 1
	Dim     int
	Class   []int    // [n], each 0..len(Labels)-1
	Labels  []string // at least two, all different
}

// Len is the number of vectors.
func (d *Data) Len() int { return len(d.Class) }

// Check refuses, as an *Error: lengths that do not fit (CodeData), fewer than
// two classes (CodeClasses), a class of fewer than two pictures (CodePictures),
// and values that are NaN or infinite (CodeValue).
func (d *Data) Check() error {
	n := d.Len()
	if d.Dim < 1 || len(d.Vectors) != n*d.Dim {
		return errorf(CodeData, "%d values are not %d vectors of %d values each", len(d.Vectors), n, d.Dim)
	}
	if len(d.Labels) < 2 {
		return errorf(CodeClasses, "there are pictures of %d classes: two or more are wanted to tell them apart", len(d.Labels))
	}
	for i, label := range d.Labels {
		if slices.Contains(d.Labels[:i], label) {
			return errorf(CodeData, "two classes are named %s", quoted(label))
		}
	}
	for i, c := range d.Class {
		if c < 0 || c >= len(d.Labels) {
			return errorf(CodeData, "vector %d has class %d of %d", i, c, len(d.Labels))
		}
	}
	for c, count := range counts(d.Class, len(d.Labels)) {
		if count < leastOfClass {
			return &Error{Code: CodePictures, Class: d.Labels[c],
				Msg: "class " + quoted(d.Labels[c]) + " has " + strconv.Itoa(count) + " of the pictures that can be read: give each class " + strconv.Itoa(leastOfClass) + " or more, or leave it out"}
		}
	}
	for i, v := range d.Vectors {
		if !finite(v) {
			return errorf(CodeValue, "vector %d holds %v at place %d: nothing can be learned from it, leave its picture out", i/d.Dim, v, i%d.Dim)
		}
	}
	return nil
}

// Sort puts the classes in the natural order of their labels, and the vectors in
// that of their classes and, in each, of their names: what is learned then does
// not depend on the order in which pictures came. names has a name for each
// vector. It returns where each vector was before.
func (d *Data) Sort(names []string) []int {
	rank := make([]int, len(d.Labels)) // place of each class
	order := make([]int, len(d.Labels))
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int { return natural.Compare(d.Labels[a], d.Labels[b]) })
	labels := make([]string, len(d.Labels))
	for place, c := range order {
		rank[c], labels[place] = place, d.Labels[c]
	}
	which := make([]int, d.Len())
	for i, c := range d.Class {
		which[i], d.Class[i] = i, rank[c]
	}
	slices.SortStableFunc(which, func(a, b int) int {
		return cmp.Or(cmp.Compare(d.Class[a], d.Class[b]), natural.Compare(names[a], names[b]))
	})
	sorted := d.pick(which)
	d.Vectors, d.Class, d.Labels = sorted.Vectors, sorted.Class, labels
	return which
}

func quoted(label string) string { return strconv.Quote(printable.Clip(label)) }

func finite(v float32) bool { return math.Abs(float64(v)) <= math.MaxFloat32 }

// counts tells how many of each class there are.
func counts(class []int, classes int) []int {
	n := make([]int, classes)
	for _, c := range class {
		n[c]++
	}
	return n
}

// pick is the data of some vectors, in the order given.
func (d *Data) pick(which []int) *Data {
	p := &Data{Dim: d.Dim, Labels: d.Labels, Vectors: make([]float32, 0, len(which)*d.Dim), Class: make([]int, 0, len(which))}
	for _, i := range which {
		p.Vectors, p.Class = append(p.Vectors, d.Vectors[i*d.Dim:][:d.Dim]...), append(p.Class, d.Class[i])
	}
	return p
}

// vector is vector i.
func (d *Data) vector(i int) []float32 { return d.Vectors[i*d.Dim:][:d.Dim] }

// unit writes a vector of length 1 of the same direction; zeros, if it has no
// direction.
func unit(dst, v []float32) {
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(v); i += 4 {
		a, b, c, d := float64(v[i]), float64(v[i+1]), float64(v[i+2]), float64(v[i+3])
		s0, s1, s2, s3 = s0+float64(a*a), s1+float64(b*b), s2+float64(c*c), s3+float64(d*d)
	}
	for ; i < len(v); i++ {
		s0 += float64(float64(v[i]) * float64(v[i]))
	}
	length := math.Sqrt((s0 + s1) + (s2 + s3))
	if length == 0 {
		clear(dst)
		return
	}
	for i, x := range v {
		dst[i] = float32(float64(x) / length)
	}
}
