package kernel

import "testing"

// TestDots compares every body with plain sums, at each number of rows, at
// numbers of columns about the edges of blocks and at lengths about those of
// the unrolled loops. Sums may wrap around.
func TestDots(t *testing.T) {
	eachBody(t, func(t *testing.T) {
		for rows := 0; rows <= DotRows; rows++ {
			k := 8 * (1 + rows*7%9)
			c := NewDotColumns(k)
			for _, cols := range []int{c.Most(), 0, 1, c.Width() - 1, c.Width(), c.Width() + 1, c.Most() - 1, 3*c.Width() + rows} {
				rnd := newSource(uint64(rows*1000 + cols))
				in, columns := rnd.int16s((rows+DotSlack)*k), rnd.int16s(cols*k)
				for i, x := range columns {
					columns[i] = max(x, -32767)
				}
				c.Fill(columns)
				out := make([]int32, c.Products()+1)
				out[c.Products()] = guard
				stride := Dots(out, in, rows, c)
				if out[c.Products()] != guard {
					t.Fatalf("%d rows, %d columns of %d: written beyond the output", rows, cols, k)
				}
				for r := range rows {
					for i := range cols {
						var want int32
						for j := range k {
							want += int32(in[r*k+j]) * int32(columns[i*k+j])
						}
						if got := out[(i/c.Width()*stride+r)*c.Width()+i%c.Width()]; got != want {
							t.Fatalf("%d rows, %d columns of %d: row %d, column %d: got %d, want %d", rows, cols, k, r, i, got, want)
						}
					}
				}
			}
		}
	})
}

func TestDotsRefuses(t *testing.T) {
	c := NewDotColumns(8)
	out, rows := make([]int32, c.Products()), make([]int16, (DotRows+1+DotSlack)*8)
	for name, call := range map[string]func(){
		"length":        func() { NewDotColumns(12) },
		"no length":     func() { NewDotColumns(0) },
		"part":          func() { c.Fill(make([]int16, 9)) },
		"many columns":  func() { c.Fill(make([]int16, (c.Most()+1)*8)) },
		"many rows":     func() { Dots(out, rows, DotRows+1, c) },
		"rows":          func() { Dots(out, rows[:(4+DotSlack)*8-1], 4, c) },
		"output":        func() { Dots(out[1:], rows, 4, c) },
		"negative rows": func() { Dots(out, rows, -1, c) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			call()
		}()
	}
}

func BenchmarkDots(b *testing.B) {
	const k = 320
	c := NewDotColumns(k)
	rnd := newSource(1)
	c.Fill(rnd.int16s(c.Most() * k))
	rows, out := rnd.int16s((DotRows+DotSlack)*k), make([]int32, c.Products())
	for b.Loop() {
		Dots(out, rows, DotRows, c)
	}
	b.ReportMetric(float64(b.N)*DotRows*float64(c.Most())*k/b.Elapsed().Seconds()/1e9, "Gmac/s")
}
