package kernel

// RepelLanes is the number of points that [Repel2] and [Repel3] take at a
// time.
const RepelLanes = 8

// Points2 is a group of points in the plane, and what repels them.
type Points2 struct {
	X, Y, ForceX, ForceY, Sum [RepelLanes]float32
}

// Points3 is Points2 in space.
type Points3 struct {
	X, Y, Z, ForceX, ForceY, ForceZ, Sum [RepelLanes]float32
}

// Repel2 sets, for each point of p,
//
//	Sum   = sum of weight * q
//	Force = sum of weight * q * q * (point - source)      q = 1/(1 + distance^2)
//
// over sources, each of them x, y and weight: the forces of t-SNE. Each
// operation is rounded to float32, sources are taken in order, so that all
// bodies give the same bits.
func Repel2(p *Points2, sources []float32) {
	if len(sources)%3 != 0 {
		panic("kernel: Repel2: a source has three values")
	}
	repel2(p, sources)
}

// Repel3 is Repel2 with sources of x, y, z and weight.
func Repel3(p *Points3, sources []float32) {
	if len(sources)%4 != 0 {
		panic("kernel: Repel3: a source has four values")
	}
	repel3(p, sources)
}

func repel2Portable(p *Points2, sources []float32) {
	for i := range RepelLanes {
		x, y := p.X[i], p.Y[i]
		var fx, fy, sum float32
		for s := sources; len(s) >= 3; s = s[3:] {
			dx, dy := x-s[0], y-s[1]
			q := 1 / (1 + (float32(dx*dx) + float32(dy*dy)))
			w := float32(s[2] * q)
			sum += w
			w = float32(w * q)
			fx += float32(w * dx)
			fy += float32(w * dy)
		}
		p.ForceX[i], p.ForceY[i], p.Sum[i] = fx, fy, sum
	}
}

func repel3Portable(p *Points3, sources []float32) {
	for i := range RepelLanes {
		x, y, z := p.X[i], p.Y[i], p.Z[i]
		var fx, fy, fz, sum float32
		for s := sources; len(s) >= 4; s = s[4:] {
			dx, dy, dz := x-s[0], y-s[1], z-s[2]
			q := 1 / (1 + (float32(dx*dx) + float32(dy*dy) + float32(dz*dz)))
			w := float32(s[3] * q)
			sum += w
			w = float32(w * q)
			fx += float32(w * dx)
			fy += float32(w * dy)
			fz += float32(w * dz)
		}
		p.ForceX[i], p.ForceY[i], p.ForceZ[i], p.Sum[i] = fx, fy, fz, sum
	}
}
