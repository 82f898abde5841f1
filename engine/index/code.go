package index

import (
	"math"

	"likeness/engine/kernel"
	"likeness/engine/search"
)

// A code of a vector has one bit for each value, the lowest bit of a byte
// first: whether the value of the unit vector is above that of the mean. What
// the product of the query with the vector differs from that with the mean is
// estimated as the sum over all values of
//
//	query * spread * (1 or -1, by the bit)
//
// where spread is how far the value is from the mean, on the average over the
// collection.

// maxSpread is the largest spread, as an integer: a sum of 65,536 values stays
// within an int32, since the query's length is search.UnitLength.
const maxSpread = 127

// unit8 rounds a vector to int8, the largest magnitude to 127. Only its
// direction matters; a vector of zeros stays one.
func unit8(out []int8, v []int16) {
	most := int16(0)
	for _, x := range v {
		most = max(most, x, -x)
	}
	for i, x := range v {
		out[i] = 0
		if most > 0 {
			out[i] = int8(math.RoundToEven(float64(int(x)*127) / float64(most)))
		}
	}
}

// lengthOf is the Euclidean length of a vector.
func lengthOf(v []int8) float64 {
	var sum int64
	for _, x := range v {
		sum += int64(x) * int64(x)
	}
	return math.Sqrt(float64(sum))
}

// encode writes the code of v.
func encode(code []byte, v []int8, mean []float32) {
	clear(code)
	length := lengthOf(v)
	for i, x := range v {
		if length > 0 && float64(x)/length > float64(mean[i]) {
			code[i/8] |= 1 << (i % 8)
		}
	}
}

// query is a picture's vector, made ready for being compared.
type query struct {
	unit   []int16 // scaled to search.UnitLength
	length float64 // of unit
	table  []int32 // for each byte of a code, what its 256 values add
}

// newQuery returns search.ErrNotFinite for a vector without a length, and a
// query of zeros for one of zeros, to which nothing is alike.
func newQuery(v []float32) (*query, error) {
	set, err := search.NewSet(v, len(v))
	if err != nil {
		return nil, err
	}
	q := &query{unit: set.Unit(0)}
	var sum int64
	for _, x := range q.unit {
		sum += int64(x) * int64(x)
	}
	q.length = math.Sqrt(float64(sum))
	return q, nil
}

// prepare fills the table.
func (q *query) prepare(spread []uint8) {
	q.table = make([]int32, 256*codeBytes(len(q.unit)))
	for b := range codeBytes(len(q.unit)) {
		var weights [8]int32
		for j := range min(8, len(q.unit)-8*b) {
			weights[j] = int32(q.unit[8*b+j]) * int32(spread[8*b+j])
		}
		entries := q.table[256*b:][:256]
		for _, w := range weights {
			entries[0] -= w
		}
		for value := 1; value < 256; value++ {
			low := value & -value
			entries[value] = entries[value^low] + 2*weights[bitOf(low)]
		}
	}
}

func bitOf(power int) int {
	n := 0
	for power > 1 {
		power >>= 1
		n++
	}
	return n
}

// estimate is the score of a code.
func (q *query) estimate(code []byte) int32 {
	var sum int32
	table := q.table
	for _, c := range code {
		sum += table[c]
		table = table[256:]
	}
	return sum
}

// product is exact: its magnitude is at most the product of the lengths, which
// for 65,536 values is below 2^31.
func (q *query) product(v []int8) int32 {
	var out [1]int32
	kernel.RowDots(out[:], v, q.unit, 1)
	return out[0]
}

// cosine is that of the query and a vector of the given length.
func (q *query) cosine(v []int8, length float64) float32 {
	return q.share(q.product(v), length)
}

// share is the cosine that a product with a vector of the given length makes.
func (q *query) share(product int32, length float64) float32 {
	l := float64(q.length * length)
	if l == 0 {
		return 0
	}
	return float32(min(max(float64(product)/l, -1), 1))
}
