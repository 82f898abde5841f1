package samples

// UpsampleH2 doubles a row: each sample of dst is 3/4 of the nearest of src and
// 1/4 of the one beyond, the triangle that decoders commonly use, with their
// rounding. dst has 2*len(src) samples, src at least 2.
func UpsampleH2(dst, src []byte) {
	if len(src) < 2 || len(dst) < 2*len(src) {
		panic("samples: UpsampleH2: lengths")
	}
	upsampleH2(dst, src)
}

func upsampleH2Portable(dst, src []byte) {
	upsampleH2Middle(dst, src, 1, len(src)-1)
	upsampleH2Ends(dst, src)
}

func upsampleH2Ends(dst, src []byte) {
	n := len(src)
	dst[0] = src[0]
	dst[1] = byte((3*int(src[0]) + int(src[1]) + 2) >> 2)
	dst[2*n-2] = byte((3*int(src[n-1]) + int(src[n-2]) + 1) >> 2)
	dst[2*n-1] = src[n-1]
}

// upsampleH2Middle does the samples of src from index from up to to, which have
// neighbours on both sides.
func upsampleH2Middle(dst, src []byte, from, to int) {
	for i := from; i < to; i++ {
		s := src[i-1:][:3]
		near := 3 * int(s[1])
		d := dst[2*i:][:2]
		d[0], d[1] = byte((near+int(s[0])+1)>>2), byte((near+int(s[2])+2)>>2)
	}
}

// UpsampleH2V2 doubles a row that lies between two: near is the nearer of the
// rows of src, far the other.
func UpsampleH2V2(dst, near, far []byte) {
	if len(near) < 2 || len(far) != len(near) || len(dst) < 2*len(near) {
		panic("samples: UpsampleH2V2: lengths")
	}
	upsampleH2V2(dst, near, far)
}

func upsampleH2V2Portable(dst, near, far []byte) {
	upsampleH2V2Middle(dst, near, far, 1, len(near)-1)
	upsampleH2V2Ends(dst, near, far)
}

func upsampleH2V2Ends(dst, near, far []byte) {
	n := len(near)
	first, last := sum31(near[0], far[0]), sum31(near[n-1], far[n-1])
	dst[0] = byte((4*first + 8) >> 4)
	dst[1] = byte((3*first + sum31(near[1], far[1]) + 7) >> 4)
	dst[2*n-2] = byte((3*last + sum31(near[n-2], far[n-2]) + 8) >> 4)
	dst[2*n-1] = byte((4*last + 7) >> 4)
}

func upsampleH2V2Middle(dst, near, far []byte, from, to int) {
	if from >= to {
		return
	}
	before, here := sum31(near[from-1], far[from-1]), sum31(near[from], far[from])
	for i := from; i < to; i++ {
		after := sum31(near[i+1], far[i+1])
		d := dst[2*i:][:2]
		d[0], d[1] = byte((3*here+before+8)>>4), byte((3*here+after+7)>>4)
		before, here = here, after
	}
}

func sum31(near, far byte) int { return 3*int(near) + int(far) }

// UpsampleV2 is the row between two, 3/4 of near; the row above the middle is
// rounded with half 1, the one below with 2.
func UpsampleV2(dst, near, far []byte, half int) {
	if len(far) != len(near) || len(dst) < len(near) {
		panic("samples: UpsampleV2: lengths")
	}
	upsampleV2(dst, near, far, half)
}

func upsampleV2Portable(dst, near, far []byte, half int) {
	dst, far = dst[:len(near)], far[:len(near)]
	for i, v := range near {
		dst[i] = byte((3*int(v) + int(far[i]) + half) >> 2)
	}
}

// Replicate stretches src by num/den without a filter: dst[x] = src[x*den/num].
func Replicate(dst, src []byte, num, den int) {
	if num == 2 && den == 1 {
		for i, v := range src[:len(dst)/2] {
			dst[2*i], dst[2*i+1] = v, v
		}
		if n := len(dst); n&1 != 0 {
			dst[n-1] = src[n/2]
		}
		return
	}
	at, rest := 0, 0
	for x := range dst {
		dst[x] = src[at]
		for rest += den; rest >= num; rest -= num {
			at++
		}
	}
}
