package quantise

import (
	"likeness/engine/kernel"
	"likeness/tools/convert/float"
)

// trustChannels tell how far what a block owes can be trusted.
const trustChannels = 64

// owed returns, [k][k], how much of each weight another one takes over because
// the layers before have been rounded: the least squares of what their outputs
// lack, by the inputs that there are. With m = R Rᵀ as in carries, g the mean
// products of inputs and lacks, and w the weights, it is the error
// -m⁻¹g w that costs nothing; the sum in carries then gains R⁻¹g w.
//
// Of two halves of the pictures, either says what is owed. As far as they agree
// it is the layers' doing, and the rest chance: with a the mean square of each
// and x the mean product of both, 2x/(x+a) of their mean has the least error.
func (b *roundedBlock) owed(l []float64, strips [][]float32, x samples, order []int) []float32 {
	if x.half == x.count { // a single picture
		return nil
	}
	k := b.size
	lacks := b.strips(x.lack, x.count)
	first := solved(l, permuted(b.products(strips, lacks, 0, x.half), order), k)
	second := solved(l, permuted(b.products(strips, lacks, x.half, x.count), order), k)
	trust := b.agreement(first, second, order)
	if trust <= 0 {
		return nil
	}
	share1 := float64(x.half) / float64(x.count)
	out, lanes := make([]float32, k*k), float.WholeLanes(k)
	for i := range k {
		d := l[(k-1-i)*k+k-1-i]
		for c := range k {
			out[i*k+c] = float32(trust / d * (float64(share1*float64(first[i*lanes+c])) + float64((1-share1)*float64(second[i*lanes+c]))))
		}
	}
	return out
}

// agreement is the share of what two halves say that can be trusted, over some
// output channels.
func (b *roundedBlock) agreement(first, second []float32, order []int) float64 {
	k, count := b.size, min(b.count, trustChannels)
	lanes := float.WholeLanes(count)
	w := make([]float32, k*lanes)
	for c := range count {
		at := (b.first+c*b.count/count)*b.per + b.from
		for i, p := range order {
			w[i*lanes+c] = b.n.Weight[at+p]
		}
	}
	u, v := make([]float32, k*lanes), make([]float32, k*lanes)
	kernel.MulAdd(u, kernel.Matrix{Values: first, Row: float.WholeLanes(k), Depth: 1}, w, k, k, lanes)
	kernel.MulAdd(v, kernel.Matrix{Values: second, Row: float.WholeLanes(k), Depth: 1}, w, k, k, lanes)
	var a, x float64
	for i, p := range u {
		q := float64(v[i])
		a += (float64(float64(p)*float64(p)) + float64(q*q)) / 2
		x += float64(float64(p) * q)
	}
	if !(x > 0) {
		return 0
	}
	return 2 * x / (x + a)
}

// solved is R⁻¹g in rows of fours(k) values, from the last row up.
func solved(l, g []float64, k int) []float32 {
	lanes := float.WholeLanes(k)
	u, minus := make([]float32, k*lanes), make([]float32, k*k)
	for i := range k {
		d := l[(k-1-i)*k+k-1-i]
		for c, v := range g[i*k:][:k] {
			u[i*lanes+c] = float32(v / d)
		}
		for j := i + 1; j < k; j++ {
			minus[i*k+j] = float32(-l[(k-1-i)*k+k-1-j] / d)
		}
	}
	for to := k; to > 0; to -= min(compensated, to) {
		from := max(to-compensated, 0)
		if to < k {
			kernel.MulAdd(u[from*lanes:], kernel.Matrix{Values: minus[from*k+to:], Row: k, Depth: 1}, u[to*lanes:], to-from, k-to, lanes)
		}
		for i := to - 2; i >= from; i-- {
			kernel.MulAdd(u[i*lanes:], kernel.Matrix{Values: minus[i*k+i+1:], Row: k, Depth: 1}, u[(i+1)*lanes:], 1, to-i-1, lanes)
		}
	}
	return u
}
