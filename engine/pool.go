package engine

import (
	"fmt"
	"strconv"
	"strings"

	"likeness/engine/internal/portable"
	"likeness/engine/kernel"
)

// Pool says how a layer of shape [H, W, C] becomes a vector: one of the
// constants, or "gem:P" with the power P of a generalised mean.
type Pool string

// Poolings.
const (
	PoolAvg     Pool = "avg"     // [C], the mean over H and W
	PoolMax     Pool = "max"     // [C], the maximum over H and W
	PoolFlatten Pool = "flatten" // [H*W*C], in HWC order
	PoolNone    Pool = "none"    // the feature map itself, the same values as flatten
	// PoolGem is the generalised mean, [C]: over H and W the mean of
	// max(x, 1e-6)^p, to the power 1/p, with p = 3 (Radenović, Tolias and Chum
	// 2018, section 3.2). "gem:4" is that with p = 4, of 1 (the mean of what is
	// positive) to 100 (close to the maximum).
	PoolGem Pool = "gem"
)

const (
	gemPower = 3.0
	gemLeast = 1e-6 // below it values count as this
)

// ParsePool reads a pooling; "" is avg. Every pooling has one spelling: "gem:3"
// and "gem:4.0" are read as "gem" and "gem:4".
func ParsePool(s string) (Pool, error) {
	pool := Pool(s)
	if s == "" {
		return PoolAvg, nil
	}
	if !pool.known() {
		return "", unknownPool(s)
	}
	p, gem := pool.Power()
	switch {
	case !gem:
		return pool, nil
	case p == gemPower:
		return PoolGem, nil
	}
	return PoolGem + Pool(":"+strconv.FormatFloat(p, 'g', -1, 64)), nil
}

func unknownPool(s string) error {
	if strings.HasPrefix(s, string(PoolGem)) {
		return &Error{Code: CodePoolUnknown, Msg: fmt.Sprintf("unknown pooling %q: a generalised mean is gem (of power 3) or gem:P with a power P of 1 to 100, such as gem:4", s)}
	}
	return &Error{Code: CodePoolUnknown, Msg: fmt.Sprintf("unknown pooling %q: use avg, max, flatten, gem, gem:P or none", s)}
}

func (p Pool) known() bool {
	_, gem := p.Power()
	return gem || p == PoolAvg || p == PoolMax || p == PoolFlatten || p == PoolNone
}

// Power is the power of a generalised mean, 1..100; ok is false for other
// poolings.
func (p Pool) Power() (power float64, ok bool) {
	if p == PoolGem {
		return gemPower, true
	}
	text, ok := strings.CutPrefix(string(p), string(PoolGem)+":")
	if !ok || strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	power, err := strconv.ParseFloat(text, 64)
	return power, err == nil && power >= 1 && power <= 100
}

// addPooled adds the vector of one tile.
func (s *Session) addPooled(values []float64, t layerTensor, pool Pool, data []int16, stride int) {
	rows, c := t.Shape[0]*t.Shape[1], t.Shape[2]
	switch pool {
	case PoolAvg:
		sums := s.sums[:c]
		clear(sums)
		kernel.SumRows(sums, data, stride, rows)
		for i, sum := range sums {
			values[i] += float64(float64(sum)*float64(t.Scale)) / float64(rows)
		}
	case PoolMax:
		for i := range c {
			top := data[i]
			for r := 1; r < rows; r++ {
				top = max(top, data[r*stride+i])
			}
			values[i] += float64(float64(top) * float64(t.Scale))
		}
	case PoolFlatten, PoolNone:
		for r := range rows {
			for i, q := range data[r*stride:][:c] {
				values[r*c+i] += float64(float64(q) * float64(t.Scale))
			}
		}
	default:
		p, _ := pool.Power()
		s.addGem(values, t, p, data, stride)
	}
}

// addGem adds the generalised means of one tile.
func (s *Session) addGem(values []float64, t layerTensor, p float64, data []int16, stride int) {
	rows, c, scale := t.Shape[0]*t.Shape[1], t.Shape[2], float64(t.Scale)
	if p != gemPower {
		for i := range c {
			values[i] += gem(p, data[i:], stride, rows, scale)
		}
		return
	}
	if cap(s.powers) < c {
		s.powers = make([]float64, c)
	}
	sums := s.powers[:c]
	clear(sums)
	for r := range rows {
		for i, q := range data[r*stride:][:c] {
			x := max(float64(float64(q)*scale), gemLeast)
			sums[i] += float64(float64(x*x) * x)
		}
	}
	for i, sum := range sums {
		values[i] += portable.Cbrt(sum / float64(rows))
	}
}

// gem is the generalised mean of one channel. Powers are taken of the quotients
// by the largest value, so that none overflows and their mean is at least
// 1/rows.
func gem(p float64, data []int16, stride, rows int, scale float64) float64 {
	top := data[0]
	for r := 1; r < rows; r++ {
		top = max(top, data[r*stride])
	}
	largest := max(float64(float64(top)*scale), gemLeast)
	log := portable.Log(largest)
	sum, least := 0.0, 0
	for r := range rows {
		x := float64(float64(data[r*stride]) * scale)
		if x <= gemLeast {
			least++
			continue
		}
		sum += portable.Exp(float64(p * (portable.Log(x) - log)))
	}
	if least > 0 {
		sum += float64(float64(least) * portable.Exp(float64(p*(portable.Log(gemLeast)-log))))
	}
	return float64(largest * portable.Exp(portable.Log(sum/float64(rows))/p))
}
