package kernel

// MulLanes divides the number of columns of [MulAdd].
const MulLanes = 4

// Matrix is a matrix of float32 as [MulAdd] reads its first operand: the value
// of row r at depth k is Values[r*Row+k*Depth]. With Row 1 it is a transposed
// one.
type Matrix struct {
	Values     []float32
	Row, Depth int // steps from one row, and one depth, to the next
}

// MulAdd adds a product of matrices, for row r < rows and column c < cols:
//
//	dst[r*cols+c] = (((dst[r*cols+c] + a(r, 0)*b[c]) + a(r, 1)*b[cols+c]) + ...)
//
// over depths k < depth, b being [depth][cols]. Each product and each sum is
// rounded to float32, in this order, so that all bodies give the same bits,
// however the rows are divided among calls. cols is a multiple of MulLanes.
func MulAdd(dst []float32, a Matrix, b []float32, rows, depth, cols int) {
	switch {
	case rows < 0 || depth < 0 || cols < 0 || cols%MulLanes != 0:
		panic("kernel: MulAdd: the number of columns is no multiple of 4")
	case rows == 0 || depth == 0 || cols == 0:
		return
	case a.Row < 0 || a.Depth < 0 || len(a.Values) <= (rows-1)*a.Row+(depth-1)*a.Depth:
		panic("kernel: MulAdd: the first matrix is too short")
	case len(b) < depth*cols || len(dst) < rows*cols:
		panic("kernel: MulAdd: the second matrix or the output is too short")
	}
	mulAdd(dst, a, b, rows, depth, cols)
}

func mulAddPortable(dst []float32, a Matrix, b []float32, rows, depth, cols int) {
	for r := range rows {
		out := dst[r*cols:][:cols]
		for k := range depth {
			x, row := a.Values[r*a.Row+k*a.Depth], b[k*cols:][:cols]
			for c := range out {
				out[c] += float32(x * row[c])
			}
		}
	}
}
