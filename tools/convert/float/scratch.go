package float

import (
	"sync"
)

// WholeLanes rounds a length up to whole vectors of the matrix kernel.
func WholeLanes(n int) int { return (n + matrixLanes - 1) / matrixLanes * matrixLanes }

// Scratch is the memory of one block of a product of matrices: its operands.
type Scratch struct{ Inputs, Sums []float32 }

// ScratchPool holds Scratch that is not in use; get and put it back around a block.
var ScratchPool = sync.Pool{New: func() any { return new(Scratch) }}

// Sized makes *v at least n values long and gives the first n of them, whatever
// they hold.
func Sized(v *[]float32, n int) []float32 {
	if cap(*v) < n {
		*v = make([]float32, n)
	}
	return (*v)[:n]
}

// TileWidth is how many output channels of a convolution are packed together.
const TileWidth = 16
