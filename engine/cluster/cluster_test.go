package cluster_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"likeness/engine/cluster"
)

// kinds makes n vectors about k centres, and tells which each is about; every
// stray-th is about none, 0 for none such.
func kinds(n, dim, k int, spread float64, stray int) (data []float32, of []int) {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(k)))
	centres := make([]float64, k*dim)
	for i := range centres {
		centres[i] = rng.NormFloat64()
	}
	for i := range n {
		c := i * 7 % k
		stays := stray == 0 || i%stray != stray-1
		for j := range dim {
			x := 3 * rng.NormFloat64()
			if stays {
				x = centres[c*dim+j] + float64(x*spread)/3
			}
			data = append(data, float32(x))
		}
		if !stays {
			c = k
		}
		of = append(of, c)
	}
	return data, of
}

// agreement is the adjusted Rand index of two divisions: 1 for the same, about
// 0 by chance (Hubert and Arabie 1985).
func agreement[A, B int | int32](a []A, b []B) float64 {
	pairs := func(n int) float64 { return float64(n) * float64(n-1) / 2 }
	both, one, two := map[[2]int]int{}, map[int]int{}, map[int]int{}
	for i := range a {
		x, y := int(a[i]), int(b[i])
		both[[2]int{x, y}]++
		one[x]++
		two[y]++
	}
	var sum, sumOne, sumTwo float64
	for _, n := range both {
		sum += pairs(n)
	}
	for _, n := range one {
		sumOne += pairs(n)
	}
	for _, n := range two {
		sumTwo += pairs(n)
	}
	chance := sumOne * sumTwo / pairs(len(a))
	most := (sumOne + sumTwo) / 2
	if most == chance {
		return 1
	}
	return (sum - chance) / (most - chance)
}

// sound checks what all divisions have in common.
func sound(t *testing.T, g *cluster.Groups, data []float32, dim int, all bool) {
	t.Helper()
	n := len(data) / dim
	if len(g.Of) != n {
		t.Fatalf("%d vectors have groups, of %d", len(g.Of), n)
	}
	count := 0
	for l, members := range g.Members {
		if len(members) == 0 || l > 0 && len(members) > len(g.Members[l-1]) {
			t.Fatalf("group %d has %d members", l, len(members))
		}
		mean := make([]float64, dim)
		for _, i := range members {
			if int(g.Of[i]) != l {
				t.Fatalf("vector %d is a member of %d and of group %d", i, l, g.Of[i])
			}
			count++
			length := 0.0
			for _, x := range data[int(i)*dim:][:dim] {
				length += float64(x) * float64(x)
			}
			for k, x := range data[int(i)*dim:][:dim] {
				mean[k] += float64(x) / max(math.Sqrt(length), 1e-30)
			}
		}
		last := math.Inf(1)
		for _, i := range members {
			product, length := 0.0, 0.0
			for k, x := range data[int(i)*dim:][:dim] {
				product += float64(x) * mean[k]
				length += float64(x) * float64(x)
			}
			product /= max(math.Sqrt(length), 1e-30)
			if product > last+1e-3*math.Abs(last)+1e-6 {
				t.Fatalf("group %d: vector %d is nearer to the mean, with %v, than the one before, with %v", l, i, product, last)
			}
			last = product
		}
		if g.Central(l) != int(members[0]) {
			t.Fatal("the central one is not the first")
		}
	}
	for i, l := range g.Of {
		if l == cluster.None {
			count++
			if all {
				t.Fatalf("vector %d is in no group", i)
			}
		}
	}
	if count != n {
		t.Fatalf("%d vectors are in groups or in none, of %d", count, n)
	}
}

func TestKMeans(t *testing.T) {
	for _, c := range [][3]int{{300, 16, 5}, {2000, 24, 12}, {50, 3, 1}, {12, 8, 12}} {
		n, dim, k := c[0], c[1], c[2]
		data, of := kinds(n, dim, k, 0.2, 0)
		g, err := cluster.KMeans(data, dim, k, cluster.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		sound(t, g, data, dim, true)
		if len(g.Members) != k {
			t.Errorf("%v: %d groups", c, len(g.Members))
		}
		if a := agreement(g.Of, of); a < 0.99 {
			t.Errorf("%v: agreement %.3f", c, a)
		}
	}
}

// TestKMeansAgainstPlain: no worse than the best of some plain runs.
func TestKMeansAgainstPlain(t *testing.T) {
	const n, dim, k = 600, 8, 7
	data, _ := kinds(n, dim, 9, 1.2, 0)
	unit := make([]float64, n*dim)
	for i := range n {
		length := 0.0
		for _, x := range data[i*dim:][:dim] {
			length += float64(x) * float64(x)
		}
		for j := range dim {
			unit[i*dim+j] = float64(data[i*dim+j]) / math.Sqrt(length)
		}
	}
	// cost is the sum of 1 - cosine with the mean of the group.
	cost := func(labels []int32) float64 {
		sum := 0.0
		for l := range int32(k) {
			mean, count := make([]float64, dim), 0.0
			for i, x := range labels {
				if x == l {
					count++
					for j := range dim {
						mean[j] += unit[i*dim+j]
					}
				}
			}
			length := 0.0
			for _, x := range mean {
				length += x * x
			}
			sum += count - math.Sqrt(length)
		}
		return sum
	}
	best := math.Inf(1)
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		centres := make([]float64, k*dim)
		for c := range k {
			copy(centres[c*dim:][:dim], unit[rng.IntN(n)*dim:])
		}
		labels := make([]int32, n)
		for range 50 {
			sums := make([]float64, k*dim)
			for i := range n {
				top := -2.0
				for c := range k {
					p := 0.0
					for j := range dim {
						p += unit[i*dim+j] * centres[c*dim+j]
					}
					if p > top {
						top, labels[i] = p, int32(c)
					}
				}
				for j := range dim {
					sums[int(labels[i])*dim+j] += unit[i*dim+j]
				}
			}
			for c := range k {
				length := 0.0
				for _, x := range sums[c*dim:][:dim] {
					length += x * x
				}
				if length > 0 {
					for j := range dim {
						centres[c*dim+j] = sums[c*dim+j] / math.Sqrt(length)
					}
				}
			}
		}
		best = min(best, cost(labels))
	}
	g, err := cluster.KMeans(data, dim, k, cluster.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := cost(g.Of); got > 1.03*best {
		t.Errorf("cost %.3f, best of 20 plain runs %.3f", got, best)
	}
}

func TestPropose(t *testing.T) {
	for _, k := range []int{2, 4, 9} {
		data, _ := kinds(1500, 24, k, 0.3, 0)
		best, tried, err := cluster.Propose(data, 24, 30, cluster.Options{Seed: 1})
		if err != nil || best.Groups != k || best.Silhouette < 0.5 || len(tried) < 8 {
			t.Errorf("%d kinds: %+v of %v, %v", k, best, tried, err)
		}
	}
	for _, n := range []int{0, 1, 2} {
		if best, _, err := cluster.Propose(make([]float32, 3*n), 3, 10, cluster.Options{}); err != nil || best.Groups != 1 {
			t.Errorf("%d vectors: %+v, %v", n, best, err)
		}
	}
	if best, _, err := cluster.Propose(make([]float32, 3*40), 3, 10, cluster.Options{}); err != nil || best.Groups < 1 {
		t.Errorf("zeros: %+v, %v", best, err)
	}
	if _, _, err := cluster.Propose(make([]float32, 30), 3, 0, cluster.Options{}); err == nil {
		t.Error("0 groups: no error")
	}
}

func TestHDBSCAN(t *testing.T) {
	for _, c := range [][3]int{{400, 16, 5}, {3000, 24, 12}} {
		n, dim, k := c[0], c[1], c[2]
		data, of := kinds(n, dim, k, 0.2, 10)
		g, err := cluster.HDBSCAN(data, dim, 12, cluster.Options{})
		if err != nil {
			t.Fatal(err)
		}
		sound(t, g, data, dim, false)
		if len(g.Members) != k {
			t.Errorf("%v: %d groups", c, len(g.Members))
		}
		if a := agreement(g.Of, of); a < 0.95 {
			t.Errorf("%v: agreement %.3f", c, a)
		}
	}
}

func TestDuplicates(t *testing.T) {
	const dim = 12
	data, _ := kinds(300, dim, 300, 0, 0)
	for i := range 5 { // 0 to 4 have one copy each, 5 has three
		copy(data[(100+i)*dim:][:dim], data[i*dim:])
		data[(100+i)*dim] += 0.01
	}
	for i := range 3 {
		copy(data[(200+i)*dim:][:dim], data[5*dim:])
	}
	g, err := cluster.Duplicates(data, dim, 0.99, cluster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, g, data, dim, false)
	if len(g.Members) != 6 || len(g.Members[0]) != 4 || len(g.Members[5]) != 2 || g.Of[5] != 0 || g.Of[202] != 0 || g.Of[3] != g.Of[103] || g.Of[50] != cluster.None {
		t.Errorf("groups %v", g.Members)
	}
	if g, err = cluster.Duplicates(nil, dim, 0.9, cluster.Options{}); err != nil || len(g.Members) != 0 {
		t.Errorf("nothing: %+v, %v", g, err)
	}
}

// circle is vectors on a circle, at degrees.
func circle(degrees ...float64) (data []float32) {
	for _, d := range degrees {
		s, c := math.Sincos(d * math.Pi / 180)
		data = append(data, float32(c), float32(s))
	}
	return data
}

// TestDuplicatesDoNotChain: steps of 10 degrees have cosines of .985, two of
// them .940, three .866.
func TestDuplicatesDoNotChain(t *testing.T) {
	data := circle(0, 10, 20, 30, 40, 50, 60, 70, 150)
	for threshold, most := range map[float64]float64{0.98: 20, 0.93: 40, 0.86: 60} {
		g, err := cluster.Duplicates(data, 2, threshold, cluster.Options{})
		if err != nil {
			t.Fatal(err)
		}
		sound(t, g, data, 2, false)
		if g.Of[8] != cluster.None || g.Of[0] == g.Of[7] {
			t.Errorf("%v: groups %v", threshold, g.Members)
		}
		for _, members := range g.Members {
			lo, hi := members[0], members[0]
			for _, m := range members {
				lo, hi = min(lo, m), max(hi, m)
			}
			if float64(10*(hi-lo)) > most {
				t.Errorf("%v: %v reaches over more than %v degrees", threshold, members, most)
			}
		}
	}
}

// TestDuplicatesAmongAlike: in a crowd, what is a copy elsewhere is a stranger,
// and many copies of one vector are still found.
func TestDuplicatesAmongAlike(t *testing.T) {
	const dim, n, crowd, many = 64, 400, 100, 40
	rng := rand.New(rand.NewPCG(8, 8))
	data := make([]float32, n*dim)
	for i := range data {
		data[i] = float32(rng.NormFloat64())
	}
	near := func(to, of int, spread float64) {
		for k := range dim {
			data[to*dim+k] = data[of*dim+k] + float32(spread*rng.NormFloat64())
		}
	}
	for i := 1; i < crowd; i++ { // about 0, with cosines of about .85 with each other
		near(i, 0, 0.42)
	}
	near(200, 300, 0.4) // a copy of about .93, far from others
	near(201, 50, 0.1)  // a copy of one in the crowd, of .99
	for i := range many {
		near(320+i, 301, 0.05)
	}
	g, err := cluster.Duplicates(data, dim, cluster.DefaultThreshold, cluster.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, g, data, dim, false)
	if len(g.Members) != 3 || len(g.Members[0]) != many+1 || g.Of[301] != 0 || g.Of[200] == cluster.None || g.Of[200] != g.Of[300] || g.Of[201] == cluster.None || g.Of[201] != g.Of[50] {
		t.Errorf("groups %v", g.Members)
	}
}

// TestGroupsAreTheSameEverywhere holds hashes for all platforms.
func TestGroupsAreTheSameEverywhere(t *testing.T) {
	data, _ := kinds(1500, 20, 14, 0.7, 9)
	hash := func(g *cluster.Groups, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		h := fnv.New64a()
		fmt.Fprintln(h, g.Of, g.Members)
		return fmt.Sprintf("%x", h.Sum64())
	}
	best, tried, err := cluster.Propose(data, 20, 40, cluster.Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string][2]string{
		"k-means":    {hash(cluster.KMeans(data, 20, 14, cluster.Options{Seed: 3})), "98fb7c0666e69bdf"},
		"HDBSCAN":    {hash(cluster.HDBSCAN(data, 20, 8, cluster.Options{Seed: 3})), "af3a2feadffd4294"},
		"duplicates": {hash(cluster.Duplicates(data, 20, 0.85, cluster.Options{Seed: 3})), "8df1a283e72b0d77"},
		"proposal":   {fmt.Sprintf("%d of %d, %x", best.Groups, len(tried), math.Float64bits(best.Silhouette)), "2 of 13, 3fe37ee04fcf383d"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %s", name, c[0])
		}
	}
}
