package project

import "math"

// fitCurve finds a and b for which 1/(1+a*d^2b) is nearest to the wanted
// strength of a pair at distance d on the map, 1 up to minDist and then
// exp(minDist-d), at 300 distances up to 3: by Gauss and Newton's method.
func fitCurve(minDist float64) (a, b float64) {
	const points, reach = 300, 3.0
	a, b = 1, 1
	damp := 1e-3
	// residuals returns the sum of squares and, for the step, the normal
	// equations.
	residuals := func(a, b float64) (sum, aa, ab, bb, ra, rb float64) {
		for p := range points {
			d := reach * float64(p) / (points - 1)
			want := 1.0
			if d > minDist {
				want = exp(minDist - d)
			}
			power := pow(d, 2*b)
			y := 1 / (1 + float64(a*power))
			r := want - y
			da := -float64(float64(y*y) * power)
			db := 0.0
			if d > 0 {
				db = float64(float64(da*a) * float64(2*log(d)))
			}
			sum += float64(r * r)
			aa, ab, bb = aa+float64(da*da), ab+float64(da*db), bb+float64(db*db)
			ra, rb = ra+float64(da*r), rb+float64(db*r)
		}
		return
	}
	sum, aa, ab, bb, ra, rb := residuals(a, b)
	for range 100 {
		p, q := aa*(1+damp), bb*(1+damp)
		det := float64(p*q) - float64(ab*ab)
		na, nb := a+(float64(q*ra)-float64(ab*rb))/det, b+(float64(p*rb)-float64(ab*ra))/det
		if na > 0 && nb > 0 {
			if s, caa, cab, cbb, cra, crb := residuals(na, nb); s < sum {
				a, b, sum, aa, ab, bb, ra, rb = na, nb, s, caa, cab, cbb, cra, crb
				damp /= 8
				continue
			}
		}
		if damp *= 8; damp > 1e12 {
			break
		}
	}
	return a, b
}

// umapForce holds the two forces by the square of the distance, as lines
// between points that lie at equal steps in each octave: reading them takes a
// fraction of the time of the powers.
type umapForce struct {
	attract, repel [forceSize]line
}

type line struct{ at, rise float32 }

const (
	forceBits   = 5 // of the mantissa
	forceLow    = 127 - 24
	forceHigh   = 127 + 16
	forceSize   = (forceHigh - forceLow) << forceBits
	forceOffset = forceLow << forceBits
)

func newUMAPForce(a, b float64) *umapForce {
	f := &umapForce{}
	attract := func(square float64) float64 {
		return -2 * a * b * pow(square, b-1) / (1 + float64(a*pow(square, b)))
	}
	repel := func(square float64) float64 {
		return 2 * b / ((0.001 + square) * (1 + float64(a*pow(square, b))))
	}
	for i := range forceSize {
		from := float64(math.Float32frombits(uint32(forceOffset+i) << (23 - forceBits)))
		to := float64(math.Float32frombits(uint32(forceOffset+i+1) << (23 - forceBits)))
		f.attract[i] = line{float32(attract(from)), float32(attract(to) - attract(from))}
		f.repel[i] = line{float32(repel(from)), float32(repel(to) - repel(from))}
	}
	return f
}

// of reads a table. Squares below its range have the force at its beginning,
// those above the one at its end.
func of(table *[forceSize]line, square float32) float32 {
	bits := math.Float32bits(square)
	i := bits>>(23-forceBits) - forceOffset
	if i >= forceSize {
		if bits < 127<<23 {
			return table[0].at
		}
		return table[forceSize-1].at
	}
	const rest = 1<<(23-forceBits) - 1
	l := table[i]
	return l.at + float32(l.rise*float32(float32(int32(bits&rest))*(1.0/(rest+1))))
}

// clip bounds the step of one force.
func clip(x float32) float32 {
	if x > 4 {
		return 4
	}
	if x < -4 {
		return -4
	}
	return x
}

// lot returns the next of a series of pseudo-random numbers below n.
func lot(state *uint64, n uint64) int {
	*state = *state*6364136223846793005 + 1442695040888963407
	return int(*state >> 32 * n >> 32)
}

// epoch2 runs one epoch in two dimensions.
func (u *UMAP) epoch2(alpha float32) {
	coords, f, chance, n := u.coords, u.force, u.chance, uint64(u.n)
	head, tail, rate := u.head, u.tail[:len(u.head)], u.rate[:len(u.head)]
	phase := u.phase[:len(u.head)]
	for e, i := range head {
		p := phase[e] + rate[e]
		if p < 1<<31 {
			phase[e] = p
			continue
		}
		phase[e] = p - 1<<31
		a, b := coords[2*int(i):][:2:2], coords[2*int(tail[e]):][:2:2]
		x, y := a[0], a[1]
		dx, dy := x-b[0], y-b[1]
		g := of(&f.attract, float32(dx*dx)+float32(dy*dy))
		sx, sy := float32(alpha*clip(float32(g*dx))), float32(alpha*clip(float32(g*dy)))
		x, y = x+sx, y+sy
		b[0], b[1] = b[0]-sx, b[1]-sy
		for range umapNegative {
			j := lot(&chance, n)
			if j == int(i) {
				continue
			}
			c := coords[2*j:][:2:2]
			dx, dy := x-c[0], y-c[1]
			g := of(&f.repel, float32(dx*dx)+float32(dy*dy))
			x, y = x+float32(alpha*clip(float32(g*dx))), y+float32(alpha*clip(float32(g*dy)))
		}
		a[0], a[1] = x, y
	}
	u.chance = chance
}

// epoch3 is epoch2 in three dimensions.
func (u *UMAP) epoch3(alpha float32) {
	coords, f, chance, n := u.coords, u.force, u.chance, uint64(u.n)
	head, tail, rate := u.head, u.tail[:len(u.head)], u.rate[:len(u.head)]
	phase := u.phase[:len(u.head)]
	for e, i := range head {
		p := phase[e] + rate[e]
		if p < 1<<31 {
			phase[e] = p
			continue
		}
		phase[e] = p - 1<<31
		a, b := coords[3*int(i):][:3:3], coords[3*int(tail[e]):][:3:3]
		x, y, z := a[0], a[1], a[2]
		dx, dy, dz := x-b[0], y-b[1], z-b[2]
		g := of(&f.attract, float32(dx*dx)+float32(dy*dy)+float32(dz*dz))
		sx, sy, sz := float32(alpha*clip(float32(g*dx))), float32(alpha*clip(float32(g*dy))), float32(alpha*clip(float32(g*dz)))
		x, y, z = x+sx, y+sy, z+sz
		b[0], b[1], b[2] = b[0]-sx, b[1]-sy, b[2]-sz
		for range umapNegative {
			j := lot(&chance, n)
			if j == int(i) {
				continue
			}
			c := coords[3*j:][:3:3]
			dx, dy, dz := x-c[0], y-c[1], z-c[2]
			g := of(&f.repel, float32(dx*dx)+float32(dy*dy)+float32(dz*dz))
			x, y, z = x+float32(alpha*clip(float32(g*dx))), y+float32(alpha*clip(float32(g*dy))), z+float32(alpha*clip(float32(g*dz)))
		}
		a[0], a[1], a[2] = x, y, z
	}
	u.chance = chance
}
