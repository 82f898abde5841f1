package kernel

// NewTable returns the table of [Lookup] for a function over the integers lo to
// hi: at(q) stands at q modulo its length, the least power of two that keeps
// them apart. The places between hold 0.
func NewTable(lo, hi int16, at func(q int16) int16) []int16 {
	n := 1
	for n <= int(hi)-int(lo) {
		n *= 2
	}
	table := make([]int16, n)
	for q := int(lo); q <= int(hi); q++ {
		table[q&(n-1)] = at(int16(q))
	}
	return table
}

// Lookup computes, for i < len(out),
//
//	out[i] = table[a[i] & (len(table)-1)]
//
// which needs neither an offset nor a comparison. It panics unless the table's
// length is a power of two. out may be a itself.
func Lookup(out, a, table []int16) {
	if len(table) == 0 || len(table)&(len(table)-1) != 0 {
		panic("kernel: Lookup: the table's length is no power of two")
	}
	a = a[:len(out)]
	mask := len(table) - 1
	for len(out) >= 4 && len(a) >= 4 { // known to the compiler: no bounds are checked below
		x0, x1, x2, x3 := int(a[0]), int(a[1]), int(a[2]), int(a[3])
		out[0], out[1], out[2], out[3] = table[x0&mask], table[x1&mask], table[x2&mask], table[x3&mask]
		out, a = out[4:], a[4:]
	}
	for i, x := range a {
		out[i] = table[int(x)&mask]
	}
}
