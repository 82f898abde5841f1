package kernel

// DotRows is the largest number of rows of one call of [Dots], DotSlack the
// number of further rows that it may read, and disregards.
const (
	DotRows  = 40
	DotSlack = 11
)

// dotBlocks is how many blocks of columns lie in one panel: as many as the
// products of [Winograd] have positions, whose routines do the work.
const dotBlocks = positions

// DotColumns holds vectors in the order in which [Dots] reads them: its
// columns. One can be filled again and again.
type DotColumns struct {
	k, cols int
	width   int     // columns of a block
	tiles   []int16 // [block][k/2][width][2], zeros beyond cols; portable: [col][k]
}

// NewDotColumns makes room for vectors of k values each, a multiple of 8.
func NewDotColumns(k int) *DotColumns {
	if k <= 0 || k%lanes != 0 {
		panic("kernel: NewDotColumns: the length is no multiple of 8")
	}
	width := dotWidth()
	return &DotColumns{k: k, width: width, tiles: make([]int16, dotBlocks*width*k)}
}

// Width returns the number of columns of one block of products.
func (c *DotColumns) Width() int { return c.width }

// Most returns how many vectors there is room for.
func (c *DotColumns) Most() int { return dotBlocks * c.width }

// Products returns how many int32 [Dots] needs for its results.
func (c *DotColumns) Products() int { return dotBlocks * c.width * (DotRows + DotSlack) }

// Fill takes vectors of k values each, one after the other, in place of those
// before. Their number is at most c.Most().
func (c *DotColumns) Fill(vectors []int16) {
	n := len(vectors) / c.k
	if n*c.k != len(vectors) || n > c.Most() {
		panic("kernel: Fill: not a number of vectors for which there is room")
	}
	c.cols = n
	dotFill(c, vectors)
}

// Dots multiplies n rows, n <= DotRows, with all columns. Rows of c's length
// lie one after the other in rows, which has DotSlack rows more than n. For
// row r < n and column i of those last filled
//
//	out[(i/width*stride+r)*width+i%width] = sum over k of rows[r][k] * column[i][k]
//
// with width = c.Width() and the stride returned, a number of rows. Sums are
// exact if they fit an int32, otherwise modulo 2^32; two neighbouring products
// of -32768 * -32768 each are excluded. out has c.Products() entries or more,
// those not mentioned hold anything.
func Dots(out []int32, rows []int16, n int, c *DotColumns) (stride int) {
	if n < 0 || n > DotRows || len(rows) < (n+DotSlack)*c.k {
		panic("kernel: Dots: rows too many or too short")
	}
	if len(out) < c.Products() {
		panic("kernel: Dots: output too short")
	}
	if n == 0 || c.cols == 0 {
		return n
	}
	return dots(out, rows, n, c)
}

func dotFillPortable(c *DotColumns, vectors []int16) { copy(c.tiles, vectors) }

func dotsPortable(out []int32, rows []int16, n int, c *DotColumns) (stride int) {
	const cols = 4 // Most is a multiple; those not filled hold anything
	for i := 0; i < c.cols; i += cols {
		columns := c.tiles[i*c.k:][:cols*c.k]
		to := out[i/c.width*n*c.width+i%c.width:]
		for r := range n {
			*(*[cols]int32)(to[r*c.width:]) = dotsColumns(rows[r*c.k:][:c.k], columns)
		}
	}
	return n
}

// dotsColumns returns the products of a row with four columns, one after the
// other.
func dotsColumns(row, columns []int16) [4]int32 {
	k := len(row)
	c0, c1, c2, c3 := columns[:k], columns[k:][:k], columns[2*k:][:k], columns[3*k:][:k]
	var s0, s1, s2, s3 int32
	for j, v := range row {
		x := int32(v)
		s0 += x * int32(c0[j])
		s1 += x * int32(c1[j])
		s2 += x * int32(c2[j])
		s3 += x * int32(c3[j])
	}
	return [4]int32{s0, s1, s2, s3}
}
