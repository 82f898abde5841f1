package graph

import (
	"math/rand/v2"
	"testing"
)

func TestSignSums(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 7, 8, 9, 27, 2039, 2040, 2041, 4608, 9000} {
		for _, kind := range []string{"any", "least", "most", "no least"} {
			w := make([]int8, n)
			for i := range w {
				switch kind {
				case "any":
					w[i] = int8(r.IntN(256) - 128)
				case "least":
					w[i] = -128
				case "most":
					w[i] = 127
				default:
					w[i] = int8(r.IntN(255) - 127)
				}
			}
			var pos, neg int64
			least := false
			for _, v := range w {
				pos += int64(max(v, 0))
				neg += int64(min(v, 0))
				least = least || v == -128
			}
			if p, n, l := signSums(w); p != pos || n != neg || l != least {
				t.Errorf("%d weights, %s: %d, %d, %v; want %d, %d, %v", len(w), kind, p, n, l, pos, neg, least)
			}
		}
	}
}
